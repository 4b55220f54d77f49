"""How long s3-lock verify takes for histories of a million operations, and how much memory."""

import tempfile
from pathlib import Path

from measure import RELEASE, medians

OPERATIONS = 1_000_000
# A turn reads the free lock, takes it, renews it, acts under it, renews it again, and releases it.
TURN = 6


class Process:
    """A process of a machine, whose requests and answers are appended to lines."""

    def __init__(self, number, boot, ahead_s):
        self.name = f"add-step:{10000 + number}:{number * 2654435761 % 2**32:08x}"
        self.boot, self.ahead_s, self.call = boot, ahead_s, 0

    def ask(self, lines, at, lock, request, keys, answer):
        """Appends a request at `at` seconds, and its answer a hundredth of a second later."""
        self.call += 1
        for text, until in (("", ""), (answer, f',"held_until":"{clock(at + 55)}","held_until_s":{at + 55:.6f}')):
            time = at if not text else at + 0.01
            lease = until if '"written"' in text and '"held"' in keys or request == "act" else ""
            lines.append(
                f'{{"time":"{clock(time + self.ahead_s)}","process":"{self.name}","call":{self.call},"boot":"{self.boot}",'
                f'"uptime_s":{time:.6f},"lock_uri":"{lock}","request":"{request}"{keys}{text}{lease}}}\n'
            )


def clock(seconds):
    """The wall clock, in RFC 3339."""
    whole, micros = divmod(round(seconds * 1e6), 10**6)
    days, rest = divmod(whole, 86400)
    return f"2026-11-{1 + days % 28:02}T{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}.{micros:06}Z"


def histories(folder, operations, locks, machines):
    """Writes a history for each machine, in which they take the locks in turn. Returns the files."""
    files = [folder / f"{number}.jsonl" for number in range(machines)]
    outs = [file.open("w") for file in files]
    processes = [Process(number, f"{number % machines:016x}", 7200 * (number % machines)) for number in range(8 * machines)]
    for turn in range(operations // TURN):
        lines, number = [], turn % locks
        process, before = processes[(turn + turn // locks) % len(processes)], turn // locks
        lock = f"s3://bucket/scratch/emr-tools/locks/j-{number:013}"
        at, token = 1000 + turn * 0.07, f"{turn:032x}"
        etags = [f'\\"{turn * 8 + step:032x}\\"' for step in range(4)]
        free = f'\\"{(turn - locks) * 8 + 3:032x}\\"' if before else f'\\"{number + 2**100:032x}\\"'
        was = f',"nonce":"{turn - locks if before else number + 2**40:016x}","state":"free","generation":{1000 + before}'
        process.ask(lines, at, lock, "read", "", f'{was},"answer":"found","etag":"{free}","age_s":9')
        for step, state in enumerate(("held", "held", "act", "held", "free")):
            at += 0.011
            if state == "act":
                keys = f',"act":"AddJobFlowSteps","of":"j-{number:013}","generation":{1001 + before},"token":"{token}"'
                process.ask(lines, at, lock, "act", keys, ',"answer":"done"')
                continue
            nonce = turn if state == "free" else turn * 8 + step + 2**50
            keys = f',"if_match":"{free}","nonce":"{nonce:016x}","state":"{state}","generation":{1001 + before}'
            keys += f',"token":"{token}","ttl_s":60' if state == "held" else f',"releaser":"{token}"'
            free = etags[step - (step > 2)]
            process.ask(lines, at, lock, "replace", keys, f',"answer":"written","etag":"{free}"')
        outs[(turn + turn // locks) % len(processes) % machines].writelines(lines)
    for out in outs:
        out.close()
    return files


def verify(what, runs, operations, locks, machines):
    """Measures the check of such histories, and prints it."""
    with tempfile.TemporaryDirectory() as folder:
        files = histories(Path(folder), operations, locks, machines)
        megabytes = sum(file.stat().st_size for file in files) / 1e6
        wall, cpu, memory = medians([RELEASE / "s3-lock", "verify", "-q", *files], {}, runs)
    print(f"  {what:<46} {megabytes:5.0f} MB {wall / 1e3:6.2f} s {cpu / 1e3:6.2f} s of CPU {memory:5.0f} MB of memory")


def main(runs):
    print(f"s3-lock verify, {OPERATIONS:,} operations, each a request and its answer")
    verify("100 locks, one machine", min(runs, 5), OPERATIONS, 100, 1)
    verify("a tenth of it", min(runs, 5), OPERATIONS // 10, 100, 1)
    verify("125,000 locks, one machine", min(runs, 5), OPERATIONS, 125_000, 1)
    verify("100 locks, four machines an hour or more apart", min(runs, 5), OPERATIONS, 100, 4)
