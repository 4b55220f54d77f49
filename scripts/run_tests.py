"""Runs test binaries side by side: cargo test --no-run --message-format json | run_tests.py BINARIES [ARGUMENT…]

Tests wait for most of their time, for steps, polls and leases, and cargo runs one binary after another. This runs so many
BINARIES at once, each with the ARGUMENTs in the folder of its crate, as cargo does. It prints a line for each that passes,
and all that another one printed. The exit code is 1 if any fails, or if the build did.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor, as_completed


def binaries(messages):
    """The names of crates and tests that cargo has built, with their folders and executables."""
    built, found = False, []
    for message in map(json.loads, messages):
        built |= message["reason"] == "build-finished" and message["success"]
        if message.get("executable") and message["profile"]["test"]:
            folder = os.path.dirname(message["manifest_path"])
            found.append((f"{os.path.basename(folder)}: {message['target']['name']}", folder, message["executable"]))
    if not built:
        sys.exit("test: the build failed")
    return sorted(found)


class Run:
    """A run of a binary."""

    def __init__(self, name, folder, executable, arguments):
        self.name, self.folder, self.command = name, folder, [executable, *arguments]
        # A file, and no pipe: what a test leaves behind may hold that open.
        self.output, self.process, self.seconds = tempfile.TemporaryFile(), None, None

    def run(self):
        began = time.monotonic()
        self.process = subprocess.Popen(
            self.command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=self.output, stderr=subprocess.STDOUT
        )
        self.process.wait()
        self.seconds = time.monotonic() - began
        return self

    def end(self):
        """Ends it if it runs, and prints what it printed until then."""
        if self.process and self.process.poll() is None:
            self.process.terminate()
            print(f"\n{self.printed()}\n{self.name}: interrupted", flush=True)

    def printed(self):
        self.output.seek(0)
        return self.output.read().decode(errors="replace")

    def report(self):
        """Prints how it ended, and returns whether its tests passed."""
        if self.process.returncode != 0:
            print(f"\n{self.printed()}\n{self.name}: FAILED with {self.process.returncode}\n", flush=True)
            return False
        result = self.printed().rpartition("test result: ")[2].partition("; finished in")[0]
        print(f"{self.name}: {result}; {self.seconds:.0f} s", flush=True)
        return True


def main(at_once, *arguments):
    def interrupt(*_):
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
    runs, failed = [], []
    pool = ThreadPoolExecutor(int(at_once))
    try:
        runs = [Run(*binary, arguments) for binary in binaries(sys.stdin)]
        for done in as_completed([pool.submit(run.run) for run in runs]):
            if not done.result().report():
                failed.append(done.result().name)
    except KeyboardInterrupt:
        for run in runs:
            run.end()
        # The threads would start the others.
        os._exit(130)
    if failed:
        sys.exit(f"test: failed: {', '.join(sorted(failed))}")


if __name__ == "__main__":
    main(*sys.argv[1:])
