"""Holds requests to start a job flow or to add steps, one a line, to botocore's model of EMR, which is AWS's own; and what
the tools say of the types of the members of the first, in the source file that is named."""

import json
import re
import sys

import botocore.session
from botocore.validate import ParamValidator

from clients import check

EMR = botocore.session.get_session().get_service_model("emr")
MODEL = EMR.operation_model("RunJobFlow").input_shape
KINDS = {"integer": "NUMBERS", "long": "NUMBERS", "double": "NUMBERS", "boolean": "FLAGS", "map": "MAPPINGS"}


def members(shape, above=()):
    """Each member below `shape`, at any depth, with its type."""
    for name, member in shape.members.items() if shape.type_name == "structure" else ():
        while member.type_name == "list":
            member = member.member
        yield name, KINDS.get(member.type_name, member.type_name)
        if member.name not in above:
            yield from members(member, (*above, member.name))


def told(source):
    """The constants of names in the text of a source file."""
    lists = re.findall(r"const (\w+): &\[&str\] = &\[([^\]]*)\]", source)
    return {constant: set(re.findall(r'"(\w+)"', names)) for constant, names in lists}


def check_types(path):
    kinds = {}
    for name, kind in members(MODEL):
        kinds.setdefault(name, set()).add(kind)
    mixed = {name: kind for name, kind in kinds.items() if len(kind) > 1 and kind & {"NUMBERS", "FLAGS"}}
    assert not mixed, f"of two types: {mixed}"
    with open(path, encoding="utf-8") as file:
        constants = told(file.read())
    for constant in set(KINDS.values()):
        expected = {name for name, kind in kinds.items() if constant in kind}
        assert constants[constant] == expected, f"{constant}: {constants[constant] ^ expected}"


def main():
    check_types(sys.argv[1])
    requests = [json.loads(line) for line in sys.stdin]
    for request in requests:
        operation = "AddJobFlowSteps" if "JobFlowId" in request else "RunJobFlow"
        model = EMR.operation_model(operation).input_shape
        errors = ParamValidator().validate(request, model)
        assert not errors.has_errors(), errors.generate_report()
        check(model, request, operation)
    print(len(requests))


main()
