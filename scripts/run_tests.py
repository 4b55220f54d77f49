"""Runs test binaries side by side: cargo test --no-run --message-format json | run_tests.py BINARIES [ARGUMENT…]

Tests wait for most of their time, for steps, polls and leases, and cargo runs one binary after another. This runs so many
BINARIES at once, each with the ARGUMENTs in the folder of its crate, as cargo does. It prints a line for each that passes,
and all that another one printed. The exit code is 1 if any fails.
"""

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed


def binaries(messages):
    """The folders and executables that cargo names, by the names of crates and tests."""
    for message in map(json.loads, messages):
        if message.get("executable") and message["profile"]["test"]:
            folder = os.path.dirname(message["manifest_path"])
            yield f"{os.path.basename(folder)}: {message['target']['name']}", folder, message["executable"]


def run(name, folder, executable, arguments):
    """Runs a binary. Returns its name, its exit code, what it printed, and the seconds that it took."""
    began = time.monotonic()
    ran = subprocess.run(
        [executable, *arguments],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        # Where a job in the background ignores signals, so would the tests, which send them.
        preexec_fn=lambda: [signal.signal(each, signal.SIG_DFL) for each in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT)],
        check=False,
    )
    return name, ran.returncode, ran.stdout.decode(errors="replace"), time.monotonic() - began


def report(name, code, printed, seconds):
    """Prints how a binary ended, and returns whether its tests passed."""
    if code != 0:
        print(f"\n{printed}\n{name}: FAILED with {code}\n", flush=True)
        return False
    result = printed.rpartition("test result: ")[2].partition("; finished in")[0]
    print(f"{name}: {result}; {seconds:.0f} s", flush=True)
    return True


def main(at_once, *arguments):
    failed = []
    with ThreadPoolExecutor(int(at_once)) as pool:
        runs = [pool.submit(run, *binary, arguments) for binary in sorted(binaries(sys.stdin))]
        try:
            for done in as_completed(runs):
                if not report(*done.result()):
                    failed.append(done.result()[0])
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)
            sys.exit(130)
    if failed:
        sys.exit(f"test: failed: {', '.join(sorted(failed))}")


if __name__ == "__main__":
    main(*sys.argv[1:])
