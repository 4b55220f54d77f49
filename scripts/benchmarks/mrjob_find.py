"""mrjob's own search for a pooled cluster: mrjob_find.py (suffix | find), run by the clients' Python.

`suffix` prints what mrjob appends to the Name of a cluster that this request may join. `find` finds one, locks it and
prints its id, or exits with 1. The request is for one m5.xlarge and two m5.2xlarge.
"""

import os
import sys

from mrjob.emr import EMRJobRunner

endpoint = os.environ["AWS_ENDPOINT_URL"]
options = {
    "region": "us-east-1",
    "emr_endpoint": endpoint,
    "s3_endpoint": endpoint,
    "cloud_tmp_dir": "s3://bucket/tmp/",
    "bootstrap_mrjob": False,
    "bootstrap_python": False,
    "check_input_paths": False,
    "pool_clusters": True,
    "pool_name": "etl",
    "master_instance_type": "m5.xlarge",
    "core_instance_type": "m5.2xlarge",
    "num_core_instances": 2,
}
runner = EMRJobRunner(conf_paths=[], **options)
if sys.argv[1] == "suffix":
    print(runner._cluster_name_pooling_suffix())
else:
    cluster_id, _ = runner._find_cluster()
    if cluster_id is None:
        sys.exit(1)
    print(cluster_id)
