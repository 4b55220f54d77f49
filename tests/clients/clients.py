"""boto3 clients of the endpoint in the environment. EMR's answers are held to botocore's model of EMR, which is AWS's
own: boto3 reads what it knows and overlooks the rest, so by itself it would not see a misspelt key or a wrong type."""

import json

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

JSON_TYPES = {
    "structure": dict,
    "map": dict,
    "list": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
    "timestamp": (int, float),
}


def check(shape, value, path):
    """Raises where `value`, at `path` of an answer, is not what `shape` describes."""
    kind = shape.type_name
    right = isinstance(value, JSON_TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))
    assert right, f"{path} is {value!r}, and not a {kind}"
    if kind == "structure":
        for key, member in value.items():
            assert key in shape.members, f"{path} has a member {key}, which EMR's has not"
            check(shape.members[key], member, f"{path}.{key}")
    elif kind == "list":
        for place, member in enumerate(value):
            check(shape.member, member, f"{path}[{place}]")
    elif kind == "string" and shape.enum:
        assert value in shape.enum, f"{path} is {value!r}, and not one of {shape.enum}"


def check_answer(response_dict, operation_model, **_):
    """Checks an answer as it came, before boto3 reads it."""
    shape = operation_model.output_shape
    if response_dict["status_code"] == 200 and shape is not None:
        check(shape, json.loads(response_dict["body"]), operation_model.name)


def emr():
    """A client of EMR that asks once and checks each answer."""
    client = boto3.client("emr", config=Config(retries={"total_max_attempts": 1}))
    client.meta.events.register("before-parse.emr", check_answer)
    return client


def s3(connections=10):
    """A client of S3 that asks once."""
    return boto3.client("s3", config=Config(retries={"total_max_attempts": 1}, max_pool_connections=connections))


def refusal(call, **arguments):
    """The code with which `call` is refused; nothing where it is not."""
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return None


def instances(**more):
    """Instances of a request for a persistent cluster of one master, with `more` said of them."""
    master = {"InstanceRole": "MASTER", "InstanceType": "m5.xlarge", "InstanceCount": 1}
    return {"KeepJobFlowAliveWhenNoSteps": True, "InstanceGroups": [master], **more}


def run(client, **more):
    """Starts a cluster of one master, with `more` asked of it, and returns its id."""
    roles = {"ServiceRole": "EMR_DefaultRole", "JobFlowRole": "EMR_EC2_DefaultRole"}
    request = {"Name": "boto3", "ReleaseLabel": "emr-7.1.0", "Instances": instances(), **roles, **more}
    return client.run_job_flow(**request)["JobFlowId"]


def command(*words):
    """A step that runs `words`."""
    step = {"Jar": "command-runner.jar", "Args": list(words)}
    return {"Name": words[0], "ActionOnFailure": "CONTINUE", "HadoopJarStep": step}
