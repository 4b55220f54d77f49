"""Airflow's operators and sensors of EMR, each called as a worker calls it. The connection is in the environment."""

import logging

from airflow.exceptions import AirflowException
from airflow.providers.amazon.aws.hooks.emr import EmrHook
from airflow.providers.amazon.aws.operators.emr import (
    EmrAddStepsOperator,
    EmrCreateJobFlowOperator,
    EmrModifyClusterOperator,
    EmrTerminateJobFlowOperator,
)
from airflow.providers.amazon.aws.sensors.emr import EmrJobFlowSensor, EmrStepSensor

logging.disable()


class Task:
    """As much of a task instance as the operators' links to the console ask for."""

    def xcom_push(self, **_):
        pass


class Context(dict):
    def __init__(self):
        super().__init__(ti=Task(), task_instance=Task())


def execute(operator, **arguments):
    """What `operator` returns to its DAG."""
    # Airflow warns of an operator that is executed outside of a task, and does it.
    return operator(task_id=operator.__name__, **arguments).execute(Context())


def wait(sensor, **arguments):
    """Waits with `sensor` as its worker does: pokes until it is content, or raises."""
    execute(sensor, poke_interval=0.1, timeout=60, **arguments)


def command(*words, action="CONTINUE"):
    """A step that runs `words`."""
    step = {"Jar": "command-runner.jar", "Args": list(words)}
    return {"Name": words[0], "ActionOnFailure": action, "HadoopJarStep": step}


master = {"InstanceRole": "MASTER", "InstanceType": "m5.xlarge", "InstanceCount": 1}
overrides = {
    "Name": "airflow",
    "ReleaseLabel": "emr-7.1.0",
    "LogUri": "s3://bucket/logs/",
    "Instances": {"KeepJobFlowAliveWhenNoSteps": True, "InstanceGroups": [master]},
    "JobFlowRole": "EMR_EC2_DefaultRole",
    "ServiceRole": "EMR_DefaultRole",
}

cluster = execute(EmrCreateJobFlowOperator, job_flow_overrides=overrides, emr_conn_id=None)
wait(EmrJobFlowSensor, job_flow_id=cluster, target_states=["RUNNING", "WAITING"])
assert EmrHook().get_cluster_id_by_name("airflow", ["WAITING"]) == cluster

steps = [command("sh", "-c", "true"), command("sh", "-c", "exit 3")]
good, bad = execute(EmrAddStepsOperator, job_flow_name="airflow", cluster_states=["WAITING"], steps=steps)
wait(EmrStepSensor, job_flow_id=cluster, step_id=good)
try:
    wait(EmrStepSensor, job_flow_id=cluster, step_id=bad)
    raise AssertionError("a step that failed is no step that completed")
except AirflowException as error:
    assert "EMR job failed" in str(error), error

# As a DAG has it that goes on only when its steps have.
waits = {"wait_for_completion": True, "waiter_delay": 1, "waiter_max_attempts": 60}
execute(EmrAddStepsOperator, job_flow_id=cluster, steps=[command("true"), command("true")], **waits)
level = execute(EmrModifyClusterOperator, cluster_id=cluster, step_concurrency_level=3)
assert level == 3, level

execute(EmrTerminateJobFlowOperator, job_flow_id=cluster)
wait(EmrJobFlowSensor, job_flow_id=cluster)

# A cluster that ends with its steps, and one that a step ends.
instances = {**overrides["Instances"], "KeepJobFlowAliveWhenNoSteps": False}
transient = {**overrides, "Name": "transient", "Instances": instances, "Steps": [command("true")]}
execute(EmrCreateJobFlowOperator, job_flow_overrides=transient, **waits)
failing = {**transient, "Steps": [command("false", action="TERMINATE_CLUSTER")]}
cluster = execute(EmrCreateJobFlowOperator, job_flow_overrides=failing)
try:
    wait(EmrJobFlowSensor, job_flow_id=cluster)
    raise AssertionError("a cluster with errors is no success")
except AirflowException as error:
    assert "STEP_FAILURE" in str(error), error
