"""What the benchmarks share: the paths of the executables, a sandbox, and measurements of a command."""

import json
import os
import statistics
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent.parent
CACHE = Path(os.environ.get("EMR_TOOLS_CACHE") or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "emr-tools")
CLIENTS = Path(os.environ.get("EMR_TOOLS_CLIENTS") or CACHE / "venv" / "bin")
RELEASE = Path(os.environ.get("CARGO_TARGET_DIR") or TOP / "target") / "release"


def measure(command, env):
    """Runs the command: wall seconds, CPU seconds, exit code."""
    began = time.perf_counter()
    child = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - began
    return wall, usage.ru_utime + usage.ru_stime, os.waitstatus_to_exitcode(status)


def peak_memory(command, env):
    """The command's peak memory in MB. The kernel counts the memory before exec, too, so a small process must fork it."""
    with tempfile.NamedTemporaryFile("r") as report:
        timed = ["/usr/bin/time", "-q", "-f", "%M", "-o", report.name, *command]
        subprocess.run(timed, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return int(report.read()) / 1024


def medians(command, env, runs, expect=0):
    """Medians of wall ms and CPU ms over `runs` runs, and peak memory in MB. Each run must exit with `expect`."""
    samples = [measure(command, env) for _ in range(runs)]
    wrong = {code for _, _, code in samples} - {expect}
    if wrong:
        raise SystemExit(f"bench: {command} exited with {wrong}, not {expect}")
    wall, cpu, _ = zip(*samples)
    return statistics.median(wall) * 1e3, statistics.median(cpu) * 1e3, peak_memory(command, env)


class Sandbox:
    """A running emr-sandbox with the bucket `bucket`."""

    def __init__(self, endpoint, folder):
        self.endpoint = endpoint
        self.folder = folder
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "MRJOB_CONF": "",
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "x",
            "AWS_SECRET_ACCESS_KEY": "x",
        }

    def calls(self):
        """The operations of all requests so far."""
        return [json.loads(line)["operation"] for line in (self.folder / "requests").read_text().splitlines()]


@contextmanager
def sandbox(*args, load=None, enter=()):
    """Runs an emr-sandbox with `args`, with the account `load` if given, in the namespace that `enter` enters."""
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        command = [*enter, RELEASE / "emr-sandbox", "--bucket", "bucket", "--request-log", folder / "requests", *args]
        if load is not None:
            (folder / "account.json").write_text(json.dumps(load))
            command += ["--load", folder / "account.json"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        try:
            yield Sandbox(json.loads(process.stdout.readline())["endpoint"], folder)
        finally:
            process.terminate()
            process.wait()
