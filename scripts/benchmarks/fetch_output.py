"""Printing 1 GB of output: fetch-output against `aws s3 cp … -` of the same objects, in time and memory.

The sandbox on this machine has the objects, so no network slows them down. All figures are medians of a few runs.
"""

import hashlib
import http.client
import os
import subprocess
from urllib.parse import urlsplit

from measure import CLIENTS, RELEASE, medians, sandbox

MB = 1_000_000
# The number of part files of each output, and the size of each.
OUTPUTS = {"small": (16, 1 * MB), "many": (8, 128 * MB), "one": (1, 1024 * MB)}


def put(aws, key, size, block):
    """Puts an object of `size` bytes, which repeats `block`."""
    connection = http.client.HTTPConnection(urlsplit(aws.endpoint).netloc)
    blocks = (block for _ in range(size // len(block)))
    connection.request("PUT", f"/bucket/{key}", blocks, {"Content-Length": str(size)})
    answer = connection.getresponse()
    if answer.status != 200:
        raise SystemExit(f"bench: {key} was not written: {answer.read()}")
    connection.close()


def fill(aws):
    for output, (count, size) in OUTPUTS.items():
        for number in range(count):
            put(aws, f"{output}/part-{number:05}", size, os.urandom(MB))
        put(aws, f"{output}/_SUCCESS", 0, b"x")


def digest(command, env):
    with subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
        return hashlib.file_digest(process.stdout, "sha256").hexdigest()


def commands(output):
    """The commands that print the output: fetch-output, and the AWS CLI once for each part file."""
    count, _ = OUTPUTS[output]
    copy = f"'{CLIENTS}/aws' s3 cp s3://bucket/{output}/$part -"
    loop = f"for part in $(printf 'part-%05d\\n' $(seq 0 {count - 1})); do {copy}; done"
    return [RELEASE / "fetch-output", "-q", f"s3://bucket/{output}/"], ["sh", "-c", loop]


def show(what, figures, size):
    wall, cpu, memory = figures
    print(f"  {what:<44} {size / MB / wall * 1e3:7.0f} MB/s {cpu:9.1f} ms CPU {memory:7.1f} MB")


def main(runs):
    few = max(3, runs // 4)
    with sandbox() as aws:
        fill(aws)
        for output, (count, size) in OUTPUTS.items():
            print(f"an output of {count} part files of {size // MB} MB")
            ours, theirs = commands(output)
            if digest(ours, aws.env) != digest(theirs, aws.env):
                raise SystemExit("bench: fetch-output and aws s3 cp print different bytes")
            mine, peer = medians(ours, aws.env, few), medians(theirs, aws.env, 1 if count > 1 else few)
            show("fetch-output", mine, count * size)
            show("aws s3 cp … -, one after another", peer, count * size)
            print(f"  fetch-output is {peer[0] / mine[0]:.1f} times faster and needs {peer[2] / mine[2]:.1f} times less memory")
