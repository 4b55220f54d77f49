"""Finding a cluster among hundreds: find-pool against the search of mrjob 0.7.4, in calls and time."""

import json
import random
import subprocess
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from pathlib import Path

from account import account
from measure import CLIENTS, RELEASE, sandbox

LATENCY_MS = 80
ACCOUNTS = {
    "the best of 500 is free": {},
    "the best 50 of 500 are locked": {"locked": 50},
    "one of 500 has enough memory, and few CPUs": {"fitting": 250},
}
PEER = [CLIENTS / "python", Path(__file__).with_name("mrjob_find.py")]
# The pause in which mrjob's lock waits before it checks who won. It is subtracted, as it says nothing about speed.
PEER_PAUSE_S = 10

POOL = ["--pool-name", "etl", "--s3-scratch-uri", "s3://bucket/scratch/", "--ec2-master-instance-type", "m5.xlarge"]
REQUEST = ["--ec2-core-instance-type", "m5.2xlarge", "--num-ec2-core-instances", "2"]
OURS = [RELEASE / "find-pool", *POOL, *REQUEST]


def printed(command, env):
    """The stdout of the command."""
    return subprocess.run(command, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True).stdout


def peer_names():
    """Names a cluster as mrjob names one that the request may join."""
    with sandbox() as aws:
        suffix = printed([*PEER, "suffix"], aws.env).rstrip("\n")
    return lambda number, _core: f"job.{number}{suffix}"


def our_marks():
    """Names and tags clusters as create-job-flow does. Names of one size differ only in the run id at the end."""
    run_id = partial(random.choices, "0123456789abcdefghjkmnpqrstvwxyz", k=12)

    @cache
    def request(kind, count):
        core = ["--ec2-core-instance-type", kind, "--num-ec2-core-instances", str(count)]
        create = [RELEASE / "create-job-flow", "--pool-emr-job-flows", *POOL, *core, "--dry-run"]
        return json.loads(printed(create, {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}))

    return lambda _number, core: request(*core[:2])["Name"][:-12] + "".join(run_id()), request("m5.2xlarge", 2)["Tags"]


def search(command, aws):
    """One successful search: wall seconds and calls."""
    before = len(aws.calls())
    began = time.perf_counter()
    printed(command, aws.env)
    return time.perf_counter() - began, Counter(aws.calls()[before:])


def peer(options):
    """mrjob's search in an account with these options, without its pause."""
    with sandbox("--latency-ms", str(LATENCY_MS), load=account(peer_names(), **options)) as aws:
        wall, calls = search([*PEER, "find"], aws)
        return wall - PEER_PAUSE_S, calls


def ours(options):
    """find-pool's search. The locked clusters are claimed by earlier searches of find-pool."""
    options = dict(options)
    locked = options.pop("locked", 0)
    with sandbox("--latency-ms", str(LATENCY_MS), load=account(*our_marks(), **options)) as aws:
        # In parallel: otherwise the first claims would expire before the last are made.
        with ThreadPoolExecutor(10) as claims:
            list(claims.map(lambda _: printed(OURS, aws.env), range(locked)))
        return search(OURS, aws)


def show(what, wall, calls):
    listed = ", ".join(f"{count} {name}" for name, count in calls.most_common())
    print(f"  {what:<44} {wall * 1e3:9.0f} ms wall {calls.total():5} calls: {listed}")


def main(_runs):
    for name, options in ACCOUNTS.items():
        print(f"{name}, at {LATENCY_MS} ms a call")
        theirs = peer(options)
        show(f"mrjob, less its pause of {PEER_PAUSE_S} s", *theirs)
        if not OURS[0].exists():
            continue
        mine = ours(options)
        show("find-pool", *mine)
        calls = theirs[1].total() / mine[1].total()
        print(f"  find-pool needs {calls:.1f} times fewer calls and is {theirs[0] / mine[0]:.1f} times faster")
