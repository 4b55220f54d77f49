"""botocore's paginators find every cluster and every step, once and newest first, in pages of fifty."""

from clients import command, emr, run

client = emr()
clusters = [run(client, Name=f"cluster {number}") for number in range(70)]
pages = [page["Clusters"] for page in client.get_paginator("list_clusters").paginate(ClusterStates=["STARTING"])]
assert [len(page) for page in pages] == [50, 20]
assert [cluster["Id"] for page in pages for cluster in page] == clusters[::-1]

busy = clusters[0]
steps = client.add_job_flow_steps(JobFlowId=busy, Steps=[command("true") for _ in range(120)])["StepIds"]
pages = [page["Steps"] for page in client.get_paginator("list_steps").paginate(ClusterId=busy)]
assert [len(page) for page in pages] == [50, 50, 20]
assert [step["Id"] for page in pages for step in page] == steps[::-1]

some = client.list_steps(ClusterId=busy, StepIds=[steps[3], steps[100]])["Steps"]
assert sorted(step["Id"] for step in some) == sorted([steps[3], steps[100]])
