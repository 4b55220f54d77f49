"""Finding idle clusters in a big account: terminate-idle-job-flows --dry-run against mrjob 0.7.4, in calls, time, memory.

The account has 10,000 clusters, of which 500 are alive. Most of these have been up for less than the hour that they may
be idle. The others are idle, or have just ended a step after hundreds of others.
"""

import json
import time
from collections import Counter

from measure import CLIENTS, RELEASE, measure, peak_memory, sandbox

CLUSTERS, ALIVE = 10_000, 500
IDLE, BUSY, STEPS = 10, 10, 200
LATENCY_MS = 20
HOUR = 3600
OURS = [RELEASE / "terminate-idle-job-flows", "--dry-run", "--max-hours-idle", "1"]
PEER = [CLIENTS / "mrjob", "terminate-idle-clusters", "--dry-run", "--max-mins-idle", "60"]


def cluster(number, state, up, ended=None, steps=()):
    """A cluster that became ready `up` seconds ago, and was created a second before."""
    timeline = {"CreationDateTime": time.time() - up - 1, "ReadyDateTime": time.time() - up}
    if ended is not None:
        timeline["EndDateTime"] = time.time() - ended
    status = {"State": state, "StateChangeReason": {}, "Timeline": timeline}
    about = {"Id": f"j-{number:013d}", "Name": f"nightly {number}", "Status": status, "Tags": [],
             "TerminationProtected": False, "AutoTerminate": False, "StepConcurrencyLevel": 1}
    return {"Cluster": about, "Steps": list(steps)}


def step(number, ago):
    """A step of a minute that ended `ago` seconds ago."""
    ended = time.time() - ago
    timeline = {"CreationDateTime": ended - 61, "StartDateTime": ended - 60, "EndDateTime": ended}
    return {"Id": f"s-{number:013d}", "Name": "count", "Status": {"State": "COMPLETED", "Timeline": timeline}}


def alive(number):
    """A live cluster."""
    if number < IDLE:
        return cluster(number, "WAITING", 9 * HOUR, steps=[step(place, 2 * HOUR + 60 * place) for place in range(STEPS)])
    if number < IDLE + BUSY:
        return cluster(number, "WAITING", 9 * HOUR, steps=[step(place, 60 + 60 * place) for place in range(STEPS)])
    return cluster(number, "WAITING", HOUR / 2)


def account():
    """The account for --load."""
    ended = [cluster(number, "TERMINATED", 90 * HOUR, 80 * HOUR) for number in range(ALIVE, CLUSTERS)]
    return {"clusters": [alive(number) for number in range(ALIVE)] + ended}


def sweep(command, aws):
    """One sweep: wall seconds, calls, and the peak memory of a second one."""
    before = len(aws.calls())
    wall, _, code = measure(command, aws.env)
    if code:
        raise SystemExit(f"bench: {command} exited with {code}")
    return wall, Counter(aws.calls()[before:]), peak_memory(command, aws.env)


def show(what, wall, calls, memory):
    listed = ", ".join(f"{count} {name}" for name, count in calls.most_common())
    print(f"  {what:<44} {wall:7.1f} s wall {memory:7.1f} MB {calls.total():5} calls: {listed}")


def main(_runs):
    if not OURS[0].exists():
        return
    print(f"a dry run over {CLUSTERS} clusters with {ALIVE} alive and {IDLE} idle, at {LATENCY_MS} ms a call")
    with sandbox("--latency-ms", str(LATENCY_MS), load=account()) as aws:
        options = {"region": "us-east-1", "emr_endpoint": aws.endpoint, "s3_endpoint": aws.endpoint,
                   "cloud_tmp_dir": "s3://bucket/tmp/"}
        conf = aws.folder / "mrjob.conf"
        conf.write_text(json.dumps({"runners": {"emr": options}}))
        theirs = sweep([*PEER, "-c", conf], aws)
        show("mrjob terminate-idle-clusters", *theirs)
        mine = sweep(OURS, aws)
        show("terminate-idle-job-flows", *mine)
    calls = theirs[1].total() / mine[1].total()
    print(f"  terminate-idle-job-flows needs {calls:.1f} times fewer calls and {theirs[2] / mine[2]:.0f} times less memory")
    spared = (theirs[1]["ListSteps"] - mine[1]["ListSteps"]) * 2
    print(f"  of ListSteps, of which EMR answers one in two seconds, that is {spared} s fewer")
