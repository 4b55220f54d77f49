"""Reads gauges on stdin as Prometheus does, and prints each sample as a record. A sample that stands twice is an error."""

import json
import sys

from prometheus_client.parser import text_string_to_metric_families

seen = set()
names = set()
for family in text_string_to_metric_families(sys.stdin.read()):
    assert family.type == "gauge" and family.documentation, family
    assert family.name not in names, family.name
    names.add(family.name)
    for sample in family.samples:
        assert sample.timestamp is None, sample
        key = (sample.name, tuple(sorted(sample.labels.items())))
        assert key not in seen, key
        seen.add(key)
        print(json.dumps({"name": sample.name, "labels": sample.labels, "value": sample.value}))
