"""Parquet with partitions, overwritten and appended to; globs, schemes, HDFS; and what is refused."""
import sys

from pyspark.sql import SparkSession, functions as F

spark = SparkSession.builder.appName("tables").getOrCreate()
sc = spark.sparkContext
out = "s3://bucket/tables/out"
days = {"2020-01-01 00:00", "a+b %ü"}

even = F.col("id") % 2 == 0
rows = spark.range(1000).withColumn("day", F.when(even, "2020-01-01 00:00").otherwise("a+b %ü"))
for _ in range(2):
    rows.write.mode("overwrite").partitionBy("day").parquet(out)
back = spark.read.parquet(out)
assert back.count() == 1000, back.count()
assert {row.day for row in back.select("day").distinct().collect()} == days
assert back.where("day = '2020-01-01 00:00'").count() == 500
for scheme in ("s3a", "s3n"):
    assert spark.read.parquet(out.replace("s3", scheme, 1)).count() == 1000, scheme
rows.write.mode("append").partitionBy("day").parquet(out)
assert spark.read.parquet(out).count() == 2000
spark.conf.set("spark.sql.sources.partitionOverwriteMode", "dynamic")
rows.where("id < 10 and day like '2020%'").write.mode("overwrite").partitionBy("day").parquet(out)
assert spark.read.parquet(out).count() == 1005, spark.read.parquet(out).count()

rows.coalesce(1).write.csv("relative", mode="overwrite")
assert spark.read.csv("hdfs:///user/hadoop/relative").count() == 1000
rows.coalesce(1).write.json("hdfs:///tmp/json", mode="overwrite")
rows.coalesce(1).write.orc("s3://bucket/tables/orc", mode="overwrite")
assert spark.read.orc("s3://bucket/tables/or*").count() == 1000
assert sc.wholeTextFiles("s3://bucket/texts/*").count() == 2
assert spark.read.text("s3://bucket/*.py").count() > 0
assert sc.textFile("s3://bucket/texts").count() == 2
assert spark.read.option("recursiveFileLookup", "true").text("s3://bucket/").count() > 1000


def refused(words, action):
    try:
        action()
    except Exception as error:
        assert words in str(error), str(error)[:2000]
    else:
        raise AssertionError(f"not refused: {words}")


refused("Path does not exist: s3://bucket/none", lambda: spark.read.text("s3://bucket/none"))
refused("s3://bucket/tables/out already exists", lambda: rows.write.parquet(out))
refused("Output directory s3://bucket/tables/orc already exists", lambda: sc.parallelize([1]).saveAsTextFile("s3://bucket/tables/orc"))
refused("The specified bucket does not exist", lambda: spark.read.text("s3://no-such-bucket/x").show())
print("all as it should be")
