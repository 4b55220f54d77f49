"""A big account for emr-sandbox --load: many waiting clusters of one pool, and others.

All have a master m5.xlarge. The request that is compared with them is for one m5.xlarge and two m5.2xlarge.
"""

import time

# Sorted as find-pool prefers them: the most CPU on core nodes first. NormalizedInstanceHours are per hour.
ENOUGH = [("m5.2xlarge", count, 16 * count + 8) for count in range(21, 1, -1)]
TOO_LITTLE_MEMORY = [("c5.2xlarge", count, 16 * count + 8) for count in range(21, 11, -1)]


def cluster(number, name, core, *, state="WAITING", tags=()):
    """A cluster that became ready half an hour ago."""
    kind, count, normalized = core
    ready = time.time() - 1800
    timeline = {"CreationDateTime": ready - 300 - number / 1000, "ReadyDateTime": ready}
    about = {
        "Id": f"j-{number:013d}",
        "Name": name,
        "Status": {"State": state, "StateChangeReason": {}, "Timeline": timeline},
        "NormalizedInstanceHours": normalized,
        "InstanceCollectionType": "INSTANCE_GROUP",
        "ReleaseLabel": "emr-6.0.0",
        "AutoTerminate": False,
        "TerminationProtected": False,
        "StepConcurrencyLevel": 1,
        "Applications": [],
        "Ec2InstanceAttributes": {},
        "Tags": list(tags),
    }
    groups = [group("MASTER", "m5.xlarge", 1), group("CORE", kind, count)]
    return {"Cluster": about, "InstanceGroups": groups, "Steps": [], "BootstrapActions": []}


def group(role, kind, count):
    """A running instance group."""
    return {
        "Id": f"ig-{role}",
        "InstanceGroupType": role,
        "InstanceType": kind,
        "Market": "ON_DEMAND",
        "RequestedInstanceCount": count,
        "RunningInstanceCount": count,
        "Status": {"State": "RUNNING", "StateChangeReason": {}, "Timeline": {}},
    }


def account(name_of, tags=(), pooled=500, others=200, locked=0, fitting=None):
    """An account of `pooled` clusters with the `tags`, named by `name_of(number, core)`, and of `others` outside the pool.

    The best `locked` ones carry mrjob's lock. With `fitting`, only the cluster with this number has enough memory.
    """
    lock = {"Key": "__mrjob_pool_lock", "Value": f"another.job {time.time() + 3600:.6f}"}
    clusters = []
    for number in range(pooled):
        sizes = ENOUGH if fitting in (None, number) else TOO_LITTLE_MEMORY
        core = sizes[number * len(sizes) // pooled]
        clusters.append(cluster(number, name_of(number, core), core, tags=[*tags, *([lock] if number < locked else [])]))
    for number in range(pooled, pooled + others):
        state = "RUNNING" if number % 2 else "WAITING"
        clusters.append(cluster(number, f"nightly {number}", ENOUGH[number % len(ENOUGH)], state=state))
    return {"clusters": clusters}
