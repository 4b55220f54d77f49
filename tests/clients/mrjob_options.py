"""What mrjob's own loader makes of configuration files.

Reads a JSON list of cases, each {"paths": […], "typed": {…}}, and prints the later names of options, and a list of the
options of each case, first of all those of no file. Names of mrjob 0.4 are given their later ones before the files are
combined; options that are gone since then are combined as 0.4 did."""

import json
import logging
import sys

from mrjob.conf import (
    combine_dicts,
    combine_lists,
    combine_opts,
    combine_path_lists,
    combine_values,
    load_opts_from_mrjob_confs,
)
from mrjob.emr import EMRJobRunner

LATER = {
    "ami_version": "image_version",
    "aws_availability_zone": "zone",
    "aws_region": "region",
    "check_emr_status_every": "check_cluster_every",
    "ec2_core_instance_bid_price": "core_instance_bid_price",
    "ec2_core_instance_type": "core_instance_type",
    "ec2_instance_type": "instance_type",
    "ec2_master_instance_bid_price": "master_instance_bid_price",
    "ec2_master_instance_type": "master_instance_type",
    "ec2_slave_instance_type": "core_instance_type",
    "ec2_task_instance_bid_price": "task_instance_bid_price",
    "ec2_task_instance_type": "task_instance_type",
    "emr_applications": "applications",
    "emr_job_flow_id": "cluster_id",
    "emr_job_flow_pool_name": "pool_name",
    "emr_tags": "tags",
    "iam_job_flow_role": "iam_instance_profile",
    "max_job_flows_in_pool": "max_clusters_in_pool",
    "num_ec2_core_instances": "num_core_instances",
    "num_ec2_task_instances": "num_task_instances",
    "pool_emr_job_flows": "pool_clusters",
    "s3_log_uri": "cloud_log_dir",
    "s3_scratch_uri": "cloud_tmp_dir",
    "s3_sync_wait_time": "cloud_fs_sync_secs",
    "s3_tmp_dir": "cloud_tmp_dir",
    "ssh_tunnel_to_job_tracker": "ssh_tunnel",
}

GONE = {
    "bootstrap_cmds": combine_lists,
    "bootstrap_files": combine_path_lists,
    "bootstrap_python_packages": combine_path_lists,
    "bootstrap_scripts": combine_path_lists,
    "emr_api_params": combine_dicts,
    "hadoop_version": combine_values,
    "max_hours_idle": combine_values,
    "mins_to_end_of_hour": combine_values,
    "visible_to_all_users": combine_values,
}


def later(options):
    renamed = {}
    if options.get("num_ec2_instances") and not {"num_ec2_core_instances", "num_core_instances"} & set(options):
        # One of them is the master.
        renamed = {"num_core_instances": options["num_ec2_instances"] - 1, "num_task_instances": 0}
    for name, value in options.items():
        new = LATER.get(name, name)
        if new == name or (options.get(new) is None and renamed.get(new) is None):
            renamed[new] = value
    renamed.pop("num_ec2_instances", None)
    return renamed


def combined(paths, typed):
    loaded = [(path, later(options)) for path, options in load_opts_from_mrjob_confs("emr", paths)]
    loaded.append(("the command line", later(typed)))
    # As EMRJobRunner makes its options, before it asks S3 for a bucket.
    runner = EMRJobRunner.__new__(EMRJobRunner)
    known = [(path, {k: v for k, v in options.items() if k not in GONE}) for path, options in loaded]
    defaults = [(None, {name: None for name in runner.OPT_NAMES}), (None, runner._default_opts())]
    options = runner._combine_confs(defaults + known)
    gone = [{k: v for k, v in options.items() if k in GONE} for _, options in loaded]
    return {**options, **combine_opts(GONE, {name: None for name in GONE}, *gone)}


logging.disable(logging.CRITICAL)
cases = [{"paths": [], "typed": {}}] + json.load(sys.stdin)
answers = [combined(case["paths"], case["typed"]) for case in cases]
json.dump({"later": LATER, "options": answers}, sys.stdout, default=lambda value: list(value) if isinstance(value, range) else str(value))
