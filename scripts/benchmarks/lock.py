"""Many processes compete for a few locks: how often two win, or none, with s3-lock and with mrjob's lock."""

import subprocess
import time
from collections import Counter
from pathlib import Path

from measure import CLIENTS, RELEASE, sandbox

PROCESSES, KEYS, ROUNDS = 6, 2, 5
SLOW_WRITE = "PutObject:delay:1:1500"
# Prints "ready" and waits for a line, as mrjob_lock.py does.
AT_ONCE = ["sh", "-c", 'echo ready; read -r line; exec "$@"', "sh"]


def mrjobs(wait_s):
    """A contender with mrjob's lock, which waits `wait_s` seconds between its write and its check."""
    return lambda uri: [CLIENTS / "python", Path(__file__).with_name("mrjob_lock.py"), uri, str(wait_s)]


def ours(uri):
    """A contender with s3-lock."""
    return [*AT_ONCE, RELEASE / "s3-lock", "acquire", uri, "-n"]


def winners(contender, aws):
    """PROCESSES compete for each of KEYS locks: how many win each one, and the seconds until all know."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    uris = [f"s3://bucket/locks/{key}" for key in range(KEYS)] * PROCESSES
    started = [(uri, subprocess.Popen(contender(uri), env=aws.env, **pipes)) for uri in uris]
    for _, process in started:
        process.stdout.readline()
    began = time.perf_counter()
    for _, process in started:
        process.stdin.write("\n")
        process.stdin.flush()
    won = Counter(dict.fromkeys(uris, 0))
    for uri, process in started:
        process.communicate()
        if process.returncode not in (0, 1):
            raise SystemExit(f"bench: {process.args} exited with {process.returncode}")
        won[uri] += process.returncode == 0
    return won.values(), time.perf_counter() - began


def contend(what, contender, *faults):
    """Runs the rounds, each with its own sandbox, prints their results, and returns the mean seconds of a round."""
    counts, wall = Counter(), 0
    for _ in range(ROUNDS):
        with sandbox(*(word for fault in faults for word in ("--fault", fault))) as aws:
            won, took = winners(contender, aws)
        counts.update("one" if number == 1 else "none" if number == 0 else "more" for number in won)
        wall += took
    print(f"  {what:<44} {counts['more']:4} with two or more {counts['none']:4} with none {wall / ROUNDS:7.2f} s a round")
    return wall / ROUNDS


def main(_runs):
    print(f"{PROCESSES} processes for each of {KEYS} locks at once, {ROUNDS} rounds: locks with the wrong number of winners")
    contend("mrjob, s3_sync_wait_time 0", mrjobs(0))
    peer = contend("mrjob, s3_sync_wait_time 1", mrjobs(1))
    contend("mrjob, s3_sync_wait_time 1, a slow write", mrjobs(1), SLOW_WRITE)
    if (RELEASE / "s3-lock").exists():
        mine = contend("s3-lock", ours)
        contend("s3-lock, a slow write", ours, SLOW_WRITE)
        print(f"  s3-lock is {peer / mine:.1f} times faster than mrjob's lock with a wait of 1 s; its default is 5 s")
