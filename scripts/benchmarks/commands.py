"""Time and memory of single commands, compared with mrjob 0.7.4.

CPU time and memory are as the kernel counts them for each process and its children. All figures are medians.
"""

import json
import os
import tempfile

from measure import CLIENTS, RELEASE, medians, sandbox

TOOLS = ["create-job-flow", "add-step", "wait-step", "list-job-flows", "terminate-job-flow", "emr-sandbox"]


def show(what, figures):
    wall, cpu, memory = figures
    print(f"  {what:<44} {wall:9.1f} ms wall {cpu:9.1f} ms CPU {memory:7.1f} MB")


def helps(bare, runs, few):
    print("--help")
    for tool in TOOLS:
        show(tool, medians([RELEASE / tool, "--help"], bare, runs))
    peer = medians([CLIENTS / "mrjob", "create-cluster", "--help"], bare, few)
    ours = medians([RELEASE / "create-job-flow", "--help"], bare, runs)
    show("mrjob create-cluster", peer)
    print(f"  create-job-flow is {peer[0] / ours[0]:.0f} times faster and needs {peer[2] / ours[2]:.0f} times less memory")


def creates(runs, few):
    print("a create against the sandbox")
    with sandbox() as aws:
        options = {"region": "us-east-1", "emr_endpoint": aws.endpoint, "s3_endpoint": aws.endpoint,
                   "iam_endpoint": aws.endpoint, "cloud_tmp_dir": "s3://bucket/tmp/", "iam_instance_profile": "x",
                   "iam_service_role": "x", "cloud_fs_sync_secs": 0, "bootstrap_mrjob": False,
                   "bootstrap_python": False, "max_mins_idle": 60}
        conf = aws.folder / "mrjob.conf"
        conf.write_text(json.dumps({"runners": {"emr": options}}))
        mrjob = [CLIENTS / "mrjob", "create-cluster", "-c", conf, "--num-core-instances", "11"]
        peer = medians(mrjob, aws.env, few)
        ours = medians([RELEASE / "create-job-flow", "--num-ec2-instances=12"], aws.env, runs)
    show("create-job-flow --num-ec2-instances=12", ours)
    show("mrjob create-cluster --num-core-instances 11", peer)
    print(f"  create-job-flow needs {peer[1] / ours[1]:.0f} times less CPU and is {peer[0] / ours[0]:.0f} times faster")


def failures(bare, runs, few):
    print("failing at once")
    show("neither region nor credentials (exit 78)", medians([RELEASE / "list-job-flows"], bare, runs, expect=78))
    region = bare | {"AWS_REGION": "us-east-1"}
    show("a region and no credentials (exit 77)", medians([RELEASE / "list-job-flows"], region, few, expect=77))


def main(runs):
    few = max(3, runs // 4)
    with tempfile.TemporaryDirectory() as home:
        bare = {"PATH": os.environ["PATH"], "HOME": home, "MRJOB_CONF": ""}
        helps(bare, runs, few)
        creates(runs, few)
        failures(bare, runs, few)
