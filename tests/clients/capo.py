"""capo-emr, a client of EMR with an HTTP stack and a reader of answers of its own, runs steps on a cluster."""

import time

from capo_emr import EMRClient
from capo_emr.errors.invalid_request_exception import InvalidRequestException


def until(state, look):
    """Looks until `look` finds `state`, or one that never becomes it."""
    while (found := look()) in ("STARTING", "BOOTSTRAPPING", "PENDING", "RUNNING", "TERMINATING") and found != state:
        time.sleep(0.1)
    assert found == state, found


def command(*words):
    """A step that runs `words`."""
    jar = {"jar": "command-runner.jar", "args": list(words)}
    return {"name": words[0], "action_on_failure": "CONTINUE", "hadoop_jar_step": jar}


with EMRClient() as emr:
    master = {"instance_role": "MASTER", "instance_type": "m5.xlarge", "instance_count": 1}
    cluster = emr.run_job_flow(
        name="capo",
        release_label="emr-7.1.0",
        instances={"keep_job_flow_alive_when_no_steps": True, "instance_groups": [master]},
        job_flow_role="EMR_EC2_DefaultRole",
        service_role="EMR_DefaultRole",
        tags=[{"key": "team", "value": "etl"}],
    )["job_flow_id"]
    described = emr.describe_cluster(cluster_id=cluster)["cluster"]
    assert (described["name"], described["tags"]) == ("capo", [{"key": "team", "value": "etl"}]), described
    assert described["status"]["timeline"]["creation_date_time"].year >= 2025, described

    steps = [command("sh", "-c", f"exit {code}") for code in (0, 3)]
    good, bad = emr.add_job_flow_steps(job_flow_id=cluster, steps=steps)["step_ids"]

    def state(step):
        return emr.describe_step(cluster_id=cluster, step_id=step)["step"]["status"]["state"]

    until("COMPLETED", lambda: state(good))
    until("FAILED", lambda: state(bad))
    # More than a page, which holds fifty.
    for _ in range(6):
        emr.add_job_flow_steps(job_flow_id=cluster, steps=[command("true")] * 9)
    listed = [step["id"] for step in emr.iter_list_steps(cluster_id=cluster)]
    assert len(set(listed)) == len(listed) == 56 and listed[-2:] == [bad, good], listed

    try:
        emr.describe_cluster(cluster_id="j-NOSUCHCLUSTER")
        raise AssertionError("there is no such cluster")
    except InvalidRequestException as refused:
        assert "not valid" in str(refused), refused

    emr.terminate_job_flows(job_flow_ids=[cluster])
    until("TERMINATED", lambda: emr.describe_cluster(cluster_id=cluster)["cluster"]["status"]["state"])
    assert [one["id"] for one in emr.iter_list_clusters(cluster_states=["TERMINATED"])] == [cluster]
