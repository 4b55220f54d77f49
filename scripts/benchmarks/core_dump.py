"""Pulling core dumps of 1 GiB from four hosts, over a link of 200 Mbit/s and 40 ms: ssh-core-dump against a loop of scp.

The hosts are namespaces that run sshd: a master, and three slaves that only the master reaches. Each has the core dump
of a Python that really crashed: 1 GiB with holes, of which some 140 MiB are data. The floor is the lower bound for any
method: one connection, plus the compressed bytes over the rate of the link. Needs root, cc and /dev/net/tun.
"""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from measure import RELEASE, TOP, sandbox

NODES = 4
RTT_MS, MBIT, QUEUE_MS = 40, 200, 120
HADOOP = 1999
CRASH = """
import ctypes, hashlib, mmap, random, sys
chance = random.Random(sys.argv[1])
untouched = mmap.mmap(-1, 880 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
records = []
for number in range(170000):
    user = hashlib.md5(b"%d" % chance.randrange(50000)).hexdigest()
    records.append({"user": user, "url": "/item/%d" % chance.randrange(10**6), "time": 1400000000 + number})
noise = chance.randbytes(24 << 20)
ctypes.string_at(0)
"""


def address(node):
    return f"10.99.0.{10 + node if node else 1}"


class Hosts:
    """The hosts, and the words that run a command on the client."""

    def __init__(self, folder, child):
        self.folder, self.child = folder, child
        self.nodes = child.stdout.readline().split()[1:]
        self.client = ["nsenter", f"--net=/proc/{child.pid}/ns/net", "--"]
        keeper = Path(f"/proc/{child.pid}/task/{child.pid}/children").read_text().strip()
        # Enters the PID namespace in which the nodes have the PIDs of `nodes`.
        self.keeper = ["nsenter", "-t", keeper, "-m", "-p", "-n", "--"]
        self.master = [*self.keeper, "nsenter", "-t", self.nodes[0], "-n", "--"]

    def received(self):
        """The bytes that the client has received over the slow link."""
        lines = Path(f"/proc/{self.child.pid}/net/dev").read_text().splitlines()
        return int(next(line for line in lines if "wan0:" in line).split()[1])

    def crash(self, node):
        """Makes Python crash, and moves its core dump to the node's folder of core dumps."""
        cores = self.folder / f"node{node}" / "tmp" / "cores"
        script = 'ulimit -c unlimited; exec /usr/bin/python3 -c "$0" "$1"'
        subprocess.run(["sh", "-c", script, CRASH, str(node)], cwd=cores, stderr=subprocess.DEVNULL)
        (core,) = cores.iterdir()
        core = core.rename(cores / f"core.python3.{node}")
        os.chown(core, HADOOP, HADOOP)
        return core

    def account(self):
        group = {"Id": "ig-M", "InstanceGroupType": "MASTER", "InstanceType": "m5.xlarge", "Market": "ON_DEMAND",
                 "RequestedInstanceCount": 1, "RunningInstanceCount": 1, "Status": {"State": "RUNNING"}}
        cores = {**group, "Id": "ig-C", "InstanceGroupType": "CORE", "RequestedInstanceCount": 3, "RunningInstanceCount": 3}
        instances = [{"Id": f"ci-{node}", "Ec2InstanceId": f"i-{node}", "InstanceGroupId": "ig-C" if node else "ig-M",
                      "PrivateIpAddress": address(node), "Status": {"State": "RUNNING"}} for node in range(NODES)]
        instances[0]["PublicIpAddress"] = "198.51.100.1"
        status = {"State": "WAITING", "Timeline": {"CreationDateTime": time.time() - 3600}}
        about = {"Id": "j-HOSTS", "Name": "hosts", "Status": status, "InstanceCollectionType": "INSTANCE_GROUP"}
        return {"clusters": [{"Cluster": about, "InstanceGroups": [group, cores], "Instances": instances}]}

    def ssh_config(self):
        """The ssh_config that a person would write to reach the slaves through the master."""
        path = self.folder / "ssh_config"
        hosts = "".join(f"Host node{node}\n  HostName {address(node)}\n  ProxyJump node0\n" for node in range(1, NODES))
        path.write_text(f"Host node0\n  HostName 198.51.100.1\n{hosts}Host *\n  User hadoop\n"
                        f"  IdentityFile {self.folder}/key\n  StrictHostKeyChecking accept-new\n"
                        f"  UserKnownHostsFile {self.folder}/known_hosts\n  BatchMode yes\n  LogLevel ERROR\n")
        return path


@contextmanager
def hosts():
    """Starts the hosts, with a slow link between the client and the master."""
    with tempfile.TemporaryDirectory() as folder:
        script = TOP / "tests" / "harness" / "src" / "hosts.sh"
        command = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "bash", script,
                   "cluster", folder, str(NODES - 1)]
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        link = None
        try:
            found = Hosts(Path(folder), child)
            link = slow_link(found)
            yield found
        finally:
            for process in filter(None, [link, child]):
                process.kill()
                process.wait()


def slow_link(found):
    """Replaces the link between the client and the master by one with a delay."""
    program = found.folder / "delay"
    subprocess.run(["cc", "-O2", "-pthread", "-o", program, TOP / "scripts" / "benchmarks" / "delay.c"], check=True)
    wait = [f"/proc/{found.nodes[0]}/ns/net", str(RTT_MS / 2), str(MBIT), str(QUEUE_MS)]
    link = subprocess.Popen([*found.keeper, program, *wait], stdout=subprocess.PIPE)
    link.stdout.readline()
    for enter, old, new, own, other in [(found.client, "up0", "wan0", 2, 1), (found.master, "up1", "wan1", 1, 2)]:
        orders = (f"addr flush dev {old}\nlink set {old} down\n"
                  f"addr add 198.51.100.{own}/32 peer 198.51.100.{other} dev {new}\nlink set {new} up txqueuelen 5000\n")
        subprocess.run([*enter, "ip", "-batch", "-"], input=orders, text=True, check=True)
    return link


def timed(command, found, aws):
    """Runs a command on the client: wall seconds, bytes received, and its stdout."""
    before, began = found.received(), time.perf_counter()
    ran = subprocess.run([*found.client, *command], env=aws.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    wall = time.perf_counter() - began
    if ran.returncode:
        raise SystemExit(f"bench: {command} exited with {ran.returncode}")
    return wall, found.received() - before, ran.stdout


def packed(core):
    """The size of a core dump in bytes, compressed at gzip's fastest level."""
    gzip = subprocess.run(f"gzip -1 < '{core}' | wc -c", shell=True, check=True, capture_output=True)
    return int(gzip.stdout)


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def main(_runs):
    if os.geteuid() or not os.path.exists("/dev/net/tun"):
        print("core_dump: left out, because namespaces and a TUN device need root")
        return
    with hosts() as found, sandbox(load=found.account(), enter=found.client) as aws:
        cores = [found.crash(node) for node in range(NODES)]
        originals = sorted(digest(core) for core in cores)
        size, stored = cores[0].stat().st_size / 2**20, cores[0].stat().st_blocks * 512 / 2**20
        print(f"\nPulling core dumps: {NODES} hosts with one of {size:.0f} MiB each, {stored:.0f} MiB without holes; "
              f"{MBIT} Mbit/s, {RTT_MS} ms")
        config = found.ssh_config()
        connect = min(timed(["ssh", "-F", config, "node1", "true"], found, aws)[0] for _ in range(3))
        floor = sum(map(packed, cores)) * 8 / MBIT / 1e6 + connect
        ours = [pull(found, aws, originals, attempt) for attempt in range(3)]
        print(f"  floor: packed bytes over the link, and a connection  {floor:7.1f} s")
        wall = min(wall for wall, _ in ours)
        print(f"  ssh-core-dump                                        {wall:7.1f} s  {ours[0][1] / 1e6:6.0f} MB  "
              f"{wall / floor:.2f} of the floor")
        again = pull(found, aws, originals, 0, first=False)
        print(f"  again, with nothing to fetch                         {again[0]:7.1f} s  {again[1] / 1e6:6.1f} MB")
        peer = scp_loop(found, aws, config, cores)
        print(f"  scp, one host after another                          {peer[0]:7.1f} s  {peer[1] / 1e6:6.0f} MB  "
              f"{peer[0] / wall:.1f} times as long")


def pull(found, aws, originals, attempt, first=True):
    """One run of ssh-core-dump: wall seconds and bytes. The files must equal the originals."""
    folder = found.folder / f"ours{attempt}"
    folder.mkdir(exist_ok=not first)
    command = [RELEASE / "ssh-core-dump", "j-HOSTS", "--output-dir", folder, "--backtrace", "none", "-q", "--ssh-config",
               "none", "--ec2-key-pair-file", found.folder / "key"]
    wall, received, said = timed(command, found, aws)
    records = [json.loads(line) for line in said.splitlines()]
    files = sorted(digest(record["file"]) for record in records)
    if not files == originals == sorted(record["sha256"] for record in records):
        raise SystemExit("bench: the fetched files differ from the originals")
    if attempt:
        shutil.rmtree(folder)
    return wall, received


def scp_loop(found, aws, config, cores):
    """The loop of scp that a person would write."""
    folder = found.folder / "scp"
    folder.mkdir()
    wall = received = 0
    for node, core in enumerate(cores):
        command = ["scp", "-q", "-F", config, f"node{node}:/tmp/cores/{core.name}", folder]
        more = timed(command, found, aws)
        wall, received = wall + more[0], received + more[1]
    return wall, received
