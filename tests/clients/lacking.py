"""Every operation of EMR is answered, or refused with words that say that the sandbox lacks it."""

import json
import os
import urllib.error
import urllib.request

from clients import emr

LACKS = "emr-sandbox does not have"


def refusal(operation):
    """What an empty request for `operation` is refused with."""
    headers = {"X-Amz-Target": f"ElasticMapReduce.{operation}"}
    request = urllib.request.Request(os.environ["AWS_ENDPOINT_URL"], b"{}", headers)
    try:
        urllib.request.urlopen(request)
    except urllib.error.HTTPError as error:
        return json.load(error)
    return {}


lacking = []
for operation in emr().meta.service_model.operation_names:
    refused = refusal(operation)
    if refused.get("__type") == "UnknownOperationException":
        assert refused["message"] == f"{LACKS} {operation}, which EMR has.", (operation, refused)
        lacking.append(operation)
assert 0 < len(lacking) < 30, lacking
