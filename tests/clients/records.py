"""Prints the list on stdin with a record a line, as `jq -c '.[]'` does."""

import json
import sys

for record in json.load(sys.stdin):
    print(json.dumps(record))
