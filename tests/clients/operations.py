"""Every operation of EMR that the sandbox has answers in the shape that AWS's own model of EMR gives it, and what is
asked to change has changed."""

from clients import command, emr, instances, refusal, run

client = emr()

core = {"InstanceRole": "CORE", "InstanceType": "r5.xlarge", "InstanceCount": 11, "Market": "SPOT", "BidPrice": "0.10"}
groups = instances()["InstanceGroups"] + [core]
bootstrap = {"Name": "set up", "ScriptBootstrapAction": {"Path": "s3://bucket/setup.sh", "Args": ["a"]}}
cluster = run(
    client,
    Instances=instances(InstanceGroups=groups),
    BootstrapActions=[bootstrap],
    Tags=[{"Key": "a", "Value": "1"}],
    LogUri="s3://bucket/logs/",
    Applications=[{"Name": "Spark"}],
)


def described():
    """The cluster as it is now."""
    return client.describe_cluster(ClusterId=cluster)["Cluster"]


assert cluster in [found["Id"] for found in client.list_clusters(ClusterStates=["WAITING"])["Clusters"]]
assert client.list_bootstrap_actions(ClusterId=cluster)["BootstrapActions"][0]["ScriptPath"] == "s3://bucket/setup.sh"
listed = client.list_instance_groups(ClusterId=cluster)["InstanceGroups"]
counts = {group["InstanceGroupType"]: group["RunningInstanceCount"] for group in listed}
assert counts == {"MASTER": 1, "CORE": 11}, counts
assert len(client.list_instances(ClusterId=cluster)["Instances"]) == 12

assert client.list_sessions(ClusterId=cluster)["Sessions"] == []

core_id = next(group["Id"] for group in listed if group["InstanceGroupType"] == "CORE")
client.modify_instance_groups(ClusterId=cluster, InstanceGroups=[{"InstanceGroupId": core_id, "InstanceCount": 3}])
running = client.list_instances(ClusterId=cluster, InstanceGroupTypes=["CORE"], InstanceStates=["RUNNING"])
assert len(running["Instances"]) == 3

task = {"InstanceRole": "TASK", "InstanceType": "m5.xlarge", "InstanceCount": 2}
added = client.add_instance_groups(JobFlowId=cluster, InstanceGroups=[task])
groups = {group["Id"]: group for group in client.list_instance_groups(ClusterId=cluster)["InstanceGroups"]}
assert [groups[group]["RunningInstanceCount"] for group in added["InstanceGroupIds"]] == [2], added

client.add_tags(ResourceId=cluster, Tags=[{"Key": "b", "Value": "2"}])
client.remove_tags(ResourceId=cluster, TagKeys=["a"])
assert described()["Tags"] == [{"Key": "b", "Value": "2"}]

assert client.modify_cluster(ClusterId=cluster, StepConcurrencyLevel=5)["StepConcurrencyLevel"] == 5
client.set_visible_to_all_users(JobFlowIds=[cluster], VisibleToAllUsers=False)
client.set_keep_job_flow_alive_when_no_steps(JobFlowIds=[cluster], KeepJobFlowAliveWhenNoSteps=True)
client.set_unhealthy_node_replacement(JobFlowIds=[cluster], UnhealthyNodeReplacement=True)
now = described()
assert now["UnhealthyNodeReplacement"]
assert (now["StepConcurrencyLevel"], now["VisibleToAllUsers"], now["AutoTerminate"]) == (5, False, False), now

policy = {"IdleTimeout": 3600}
client.put_auto_termination_policy(ClusterId=cluster, AutoTerminationPolicy=policy)
assert client.get_auto_termination_policy(ClusterId=cluster)["AutoTerminationPolicy"] == policy
client.remove_auto_termination_policy(ClusterId=cluster)
assert "AutoTerminationPolicy" not in client.get_auto_termination_policy(ClusterId=cluster)

limits = {"UnitType": "Instances", "MinimumCapacityUnits": 1, "MaximumCapacityUnits": 9}
scaling = {"ComputeLimits": limits}
client.put_managed_scaling_policy(ClusterId=cluster, ManagedScalingPolicy=scaling)
assert client.get_managed_scaling_policy(ClusterId=cluster)["ManagedScalingPolicy"] == scaling
client.remove_managed_scaling_policy(ClusterId=cluster)
assert "ManagedScalingPolicy" not in client.get_managed_scaling_policy(ClusterId=cluster)

client.create_security_configuration(Name="safe", SecurityConfiguration="{}")
assert client.describe_security_configuration(Name="safe")["SecurityConfiguration"] == "{}"
assert [found["Name"] for found in client.list_security_configurations()["SecurityConfigurations"]] == ["safe"]
client.delete_security_configuration(Name="safe")
assert refusal(client.describe_security_configuration, Name="safe") == "InvalidRequestException"

step = client.add_job_flow_steps(JobFlowId=cluster, Steps=[command("sleep", "1000")])["StepIds"][0]
assert client.describe_step(ClusterId=cluster, StepId=step)["Step"]["Config"]["Args"] == ["sleep", "1000"]
assert [found["Id"] for found in client.list_steps(ClusterId=cluster)["Steps"]] == [step]
cancelled = client.cancel_steps(ClusterId=cluster, StepIds=[step])["CancelStepsInfoList"]
assert [(info["StepId"], info["Status"]) for info in cancelled] == [(step, "SUBMITTED")], cancelled

types = [{"InstanceType": "m5.xlarge"}]
master = {"InstanceFleetType": "MASTER", "TargetOnDemandCapacity": 1, "InstanceTypeConfigs": types}
core = {"InstanceFleetType": "CORE", "TargetOnDemandCapacity": 1, "InstanceTypeConfigs": types}
of_fleets = run(client, Instances={"KeepJobFlowAliveWhenNoSteps": True, "InstanceFleets": [master, core]})
fleets = client.list_instance_fleets(ClusterId=of_fleets)["InstanceFleets"]
core_id = next(fleet["Id"] for fleet in fleets if fleet["InstanceFleetType"] == "CORE")
change = {"InstanceFleetId": core_id, "TargetOnDemandCapacity": 2}
client.modify_instance_fleet(ClusterId=of_fleets, InstanceFleet=change)
assert len(client.list_instances(ClusterId=of_fleets, InstanceFleetType="CORE")["Instances"]) == 2
task = {"InstanceFleetType": "TASK", "TargetSpotCapacity": 1, "InstanceTypeConfigs": types}
added = client.add_instance_fleet(ClusterId=of_fleets, InstanceFleet=task)["InstanceFleetId"]
assert len(client.list_instances(ClusterId=of_fleets, InstanceFleetId=added)["Instances"]) == 1

assert "emr-7.1.0" in client.list_release_labels()["ReleaseLabels"]
assert client.describe_release_label(ReleaseLabel="emr-7.1.0")["ReleaseLabel"] == "emr-7.1.0"
types = client.list_supported_instance_types(ReleaseLabel="emr-7.1.0")["SupportedInstanceTypes"]
assert all(kind["MemoryGB"] > 0 and kind["VCPU"] > 0 for kind in types) and types

client.set_termination_protection(JobFlowIds=[cluster], TerminationProtected=True)
assert refusal(client.terminate_job_flows, JobFlowIds=[cluster]) == "ValidationException"
client.set_termination_protection(JobFlowIds=[cluster], TerminationProtected=False)
client.terminate_job_flows(JobFlowIds=[cluster])
assert described()["Status"]["State"].startswith("TERMINAT")

assert refusal(client.describe_cluster, ClusterId="j-NONE") == "InvalidRequestException"
