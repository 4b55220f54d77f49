"""dagster-aws runs steps on EMR and keeps the outputs of ops and the files of jobs on S3."""

import logging
import time

from dagster import asset, job, materialize, op
from dagster_aws.emr import EmrJobRunner
from dagster_aws.emr.emr import EmrError
from dagster_aws.s3 import S3FileHandle, S3FileManagerResource, S3PickleIOManager, S3Resource

LOG = logging.getLogger("dagster_runner")


def until_complete(runner, cluster, step):
    while not runner.is_emr_step_complete(LOG, cluster, step):
        time.sleep(0.1)


runner = EmrJobRunner("us-east-1", check_cluster_every=1)
master = {"InstanceRole": "MASTER", "InstanceType": "m5.xlarge", "InstanceCount": 1}
config = {
    "Name": "dagster",
    "LogUri": "s3n://bucket/logs/",
    "ReleaseLabel": "emr-7.1.0",
    "Instances": {"KeepJobFlowAliveWhenNoSteps": True, "InstanceGroups": [master]},
    "JobFlowRole": "EMR_EC2_DefaultRole",
    "ServiceRole": "EMR_DefaultRole",
}
cluster = runner.run_job_flow(LOG, config)
assert runner.cluster_id_from_name("dagster") == cluster
tags = runner.describe_cluster(cluster)["Cluster"]["Tags"]
assert [tag["Key"] for tag in tags] == ["__dagster_version"], tags
commands = ["echo said; echo erred >&2", "exit 3"]
steps = [runner.construct_step_dict_for_command(f"step {n}", ["sh", "-c", c]) for n, c in enumerate(commands)]
good, bad = runner.add_job_flow_steps(LOG, cluster, steps)
until_complete(runner, cluster, good)
assert runner.log_location_for_cluster(cluster) == ("bucket", "logs/")
assert runner.retrieve_logs_for_step_id(LOG, cluster, good) == ("said\n", "erred\n")
try:
    until_complete(runner, cluster, bad)
    raise AssertionError("a step that failed is no step that completed")
except EmrError as error:
    assert "failed" in str(error), error
runner.make_emr_client().terminate_job_flows(JobFlowIds=[cluster])


@asset
def words():
    return ["to", "be"]


@asset
def count(words):
    return len(words)


@op
def write_and_read(files: S3FileManagerResource, s3: S3Resource):
    handle = files.get_client().write_data(b"text", ext="txt")
    assert isinstance(handle, S3FileHandle) and handle.s3_key.endswith(".txt"), handle
    assert files.get_client().read_data(handle) == b"text"
    s3.get_client().delete_object(Bucket=handle.s3_bucket, Key=handle.s3_key)


@job
def files_job():
    write_and_read()


s3 = S3Resource()
io_manager = S3PickleIOManager(s3_resource=s3, s3_bucket="bucket", s3_prefix="dagster")
made = materialize([words, count], resources={"io_manager": io_manager})
assert made.success and made.output_for_node("count") == 2
# The second time the first asset comes from S3 alone.
made = materialize([words, count], selection=["count"], resources={"io_manager": io_manager})
assert made.success and made.output_for_node("count") == 2
files = S3FileManagerResource(s3_bucket="bucket", s3_prefix="files")
ran = files_job.execute_in_process(resources={"io_manager": io_manager, "files": files, "s3": s3})
assert ran.success
listed = s3.get_client().list_objects_v2(Bucket="bucket", Prefix="dagster/")["Contents"]
assert {entry["Key"] for entry in listed} >= {"dagster/words", "dagster/count"}, listed
assert "Contents" not in s3.get_client().list_objects_v2(Bucket="bucket", Prefix="files/")
