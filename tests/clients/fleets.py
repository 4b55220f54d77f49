"""A cluster of instance fleets provisions the capacity that it is asked for, counted by weight."""

from clients import emr, refusal, run

MASTER = {
    "InstanceFleetType": "MASTER",
    "TargetOnDemandCapacity": 1,
    "InstanceTypeConfigs": [{"InstanceType": "m5.xlarge"}],
}
CORE = {
    "InstanceFleetType": "CORE",
    "TargetSpotCapacity": 8,
    "InstanceTypeConfigs": [
        {"InstanceType": "m5.2xlarge", "WeightedCapacity": 4, "BidPriceAsPercentageOfOnDemandPrice": 50.0}
    ],
    "LaunchSpecifications": {
        "SpotSpecification": {"TimeoutDurationMinutes": 5, "TimeoutAction": "TERMINATE_CLUSTER"}
    },
}

client = emr()
cluster = run(client, Instances={"KeepJobFlowAliveWhenNoSteps": True, "InstanceFleets": [MASTER, CORE]})


def core():
    """The core fleet, and how many instances it has."""
    fleets = client.list_instance_fleets(ClusterId=cluster)["InstanceFleets"]
    fleet = next(fleet for fleet in fleets if fleet["InstanceFleetType"] == "CORE")
    return fleet, len(client.list_instances(ClusterId=cluster, InstanceFleetType="CORE")["Instances"])


assert client.describe_cluster(ClusterId=cluster)["Cluster"]["InstanceCollectionType"] == "INSTANCE_FLEET"
fleet, count = core()
assert (fleet["TargetSpotCapacity"], fleet["ProvisionedSpotCapacity"], count) == (8, 8, 2), fleet
assert fleet["InstanceTypeSpecifications"][0]["BidPriceAsPercentageOfOnDemandPrice"] == 50.0, fleet

more = {"InstanceFleetId": fleet["Id"], "TargetSpotCapacity": 16}
client.modify_instance_fleet(ClusterId=cluster, InstanceFleet=more)
fleet, count = core()
assert (fleet["ProvisionedSpotCapacity"], count) == (16, 4), fleet
assert refusal(client.list_instance_groups, ClusterId=cluster) == "InvalidRequestException"
