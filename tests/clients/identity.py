"""boto3 knows who calls, makes a role and an instance profile, and finds both again."""

import json

import boto3

from clients import refusal

assert boto3.client("sts").get_caller_identity()["Arn"].endswith(":user/sandbox")

client = boto3.client("iam")
trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole"}]}
assert refusal(client.get_role, RoleName="mine") == "NoSuchEntity"
client.create_role(RoleName="mine", AssumeRolePolicyDocument=json.dumps(trust))
assert refusal(client.create_role, RoleName="mine", AssumeRolePolicyDocument="{}") == "EntityAlreadyExists"
client.attach_role_policy(RoleName="mine", PolicyArn="arn:aws:iam::aws:policy/Most")
attached = client.list_attached_role_policies(RoleName="mine")["AttachedPolicies"]
assert attached == [{"PolicyName": "Most", "PolicyArn": "arn:aws:iam::aws:policy/Most"}], attached
client.create_instance_profile(InstanceProfileName="nodes")
client.add_role_to_instance_profile(InstanceProfileName="nodes", RoleName="mine")
role = client.get_instance_profile(InstanceProfileName="nodes")["InstanceProfile"]["Roles"][0]
assert (role["RoleName"], role["AssumeRolePolicyDocument"]) == ("mine", trust), role
assert "mine" in [found["RoleName"] for found in client.list_roles()["Roles"]]
assert refusal(client.delete_role, RoleName="mine") == "InvalidAction"
