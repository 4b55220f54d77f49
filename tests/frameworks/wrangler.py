"""awswrangler keeps tables and files on S3, and runs a cluster on EMR."""

import time

import awswrangler as wr
import pandas as pd

ROOT = "s3://bucket/wrangler"

table = pd.DataFrame({"day": ["mon", "tue", "mon"], "words": [3, 5, 8], "share": [0.5, None, 0.25]})

# Parquet: one file, then a data set in folders, of which a part is read, replaced and added to.
wr.s3.to_parquet(table, f"{ROOT}/one.parquet")
assert wr.s3.read_parquet(f"{ROOT}/one.parquet")["words"].tolist() == [3, 5, 8]
days = f"{ROOT}/days/"
wr.s3.to_parquet(table, days, dataset=True, partition_cols=["day"])
assert {path.split("/")[-2] for path in wr.s3.list_objects(days)} == {"day=mon", "day=tue"}
monday = wr.s3.read_parquet(days, dataset=True, partition_filter=lambda part: part["day"] == "mon")
assert sorted(monday["words"]) == [3, 8], monday
wr.s3.to_parquet(table[:1], days, dataset=True, partition_cols=["day"], mode="overwrite_partitions")
wr.s3.to_parquet(table[1:2], days, dataset=True, partition_cols=["day"], mode="append")
assert sorted(wr.s3.read_parquet(days, dataset=True)["words"]) == [3, 5, 5]
assert [len(part) for part in wr.s3.read_parquet(f"{ROOT}/one.parquet", chunked=2)] == [2, 1]

# Text, packed and plain.
wr.s3.to_csv(table, f"{ROOT}/one.csv.gz", index=False, compression="gzip")
assert wr.s3.read_csv(f"{ROOT}/one.csv.gz")["share"].fillna(0).tolist() == [0.5, 0, 0.25]
wr.s3.to_json(table, f"{ROOT}/one.json", orient="records", lines=True)
assert wr.s3.read_json(f"{ROOT}/one.json", orient="records", lines=True)["day"].tolist() == list(table["day"])

# Beyond five megabytes it uploads in parts.
big = pd.DataFrame({"number": range(1_000_000)})
wr.s3.to_csv(big, f"{ROOT}/big.csv", index=False)
assert wr.s3.size_objects(f"{ROOT}/big.csv")[f"{ROOT}/big.csv"] == 6_888_897
assert wr.s3.read_csv(f"{ROOT}/big.csv")["number"].sum() == big["number"].sum()

# Objects.
assert wr.s3.does_object_exist(f"{ROOT}/one.json") and not wr.s3.does_object_exist(f"{ROOT}/none")
assert wr.s3.list_directories(f"{ROOT}/") == [days]
assert len(wr.s3.list_objects(f"{ROOT}/*.parquet")) == len(wr.s3.list_objects(f"{ROOT}/", suffix="parquet"))
copies = wr.s3.copy_objects([f"{ROOT}/one.json"], source_path=ROOT, target_path="s3://other/copy")
assert copies == ["s3://other/copy/one.json"] and wr.s3.does_object_exist(copies[0])
assert wr.s3.merge_datasets(days, "s3://other/days/", mode="overwrite")
assert len(wr.s3.read_parquet("s3://other/days/", dataset=True)) == 3
wr.s3.delete_objects([f"{ROOT}/one.json", f"{ROOT}/one.csv.gz"])
wr.s3.delete_objects(days)
left = wr.s3.list_objects(ROOT)
assert left == [f"{ROOT}/big.csv", f"{ROOT}/one.parquet"], left


def until(state, look, *names):
    """Looks until `look` finds `state`, or one that never becomes it."""
    while (found := look(*names)) in ("STARTING", "BOOTSTRAPPING", "PENDING", "RUNNING", "TERMINATING"):
        if found == state:
            break
        time.sleep(0.1)
    assert found == state, found


# A cluster of instance fleets, whose first step sets up debugging.
cluster = wr.emr.create_cluster(
    subnet_id="subnet-0123456789abcdef0",
    cluster_name="wrangler",
    logging_s3_path="s3://bucket/logs/",
    emr_release="emr-7.1.0",
    instance_num_on_demand_core=2,
    instance_num_spot_task=1,
    spark_defaults={"spark.sql.shuffle.partitions": "2"},
    applications=["Spark"],
    tags={"team": "etl"},
)
until("WAITING", wr.emr.get_cluster_state, cluster)
good = wr.emr.submit_step(cluster, "sh -c true", name="good")
bad, last = wr.emr.submit_steps(cluster, [wr.emr.build_step("false", name="bad"), wr.emr.build_step("true")])
until("COMPLETED", wr.emr.get_step_state, cluster, good)
until("FAILED", wr.emr.get_step_state, cluster, bad)
until("COMPLETED", wr.emr.get_step_state, cluster, last)
wr.emr.terminate_cluster(cluster)
until("TERMINATED", wr.emr.get_cluster_state, cluster)
