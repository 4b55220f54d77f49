"""Fails in a task, after Spark has said a lot."""
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
print(spark.sparkContext.parallelize(range(4)).map(lambda n: 1 // (n - 2)).collect())
