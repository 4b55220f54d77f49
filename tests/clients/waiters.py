"""botocore's waiters see a cluster start, its steps succeed and fail, and the cluster end."""

from botocore.exceptions import WaiterError

from clients import command, emr, run

SOON = {"Delay": 1, "MaxAttempts": 30}

client = emr()
cluster = run(client)
state = client.describe_cluster(ClusterId=cluster)["Cluster"]["Status"]["State"]
assert state in ("STARTING", "BOOTSTRAPPING"), state
client.get_waiter("cluster_running").wait(ClusterId=cluster, WaiterConfig=SOON)
assert client.describe_cluster(ClusterId=cluster)["Cluster"]["Status"]["State"] == "WAITING"

steps = [command("sh", "-c", "sleep 0.5"), command("sh", "-c", "exit 3")]
good, bad = client.add_job_flow_steps(JobFlowId=cluster, Steps=steps)["StepIds"]
waiter = client.get_waiter("step_complete")
waiter.wait(ClusterId=cluster, StepId=good, WaiterConfig=SOON)
try:
    waiter.wait(ClusterId=cluster, StepId=bad, WaiterConfig=SOON)
    raise AssertionError("a step that failed is no step that completed")
except WaiterError as error:
    assert error.last_response["Step"]["Status"]["State"] == "FAILED", error.last_response

endless = client.add_job_flow_steps(JobFlowId=cluster, Steps=[command("sleep", "1000")])["StepIds"][0]
client.terminate_job_flows(JobFlowIds=[cluster])
client.get_waiter("cluster_terminated").wait(ClusterId=cluster, WaiterConfig=SOON)
status = client.describe_cluster(ClusterId=cluster)["Cluster"]["Status"]
assert (status["State"], status["StateChangeReason"]["Code"]) == ("TERMINATED", "USER_REQUEST"), status
state = client.describe_step(ClusterId=cluster, StepId=endless)["Step"]["Status"]["State"]
assert state in ("CANCELLED", "INTERRUPTED"), state
