"""A word count as people write it: job.py IN OUT. Without arguments it counts numbers."""
import sys

from pyspark.sql import SparkSession

spark = SparkSession.builder.appName("job").getOrCreate()
if len(sys.argv) < 3:
    print("numbers:", spark.range(10).count())
else:
    words = spark.sparkContext.textFile(sys.argv[1]).flatMap(str.split)
    counts = words.map(lambda word: (word, 1)).reduceByKey(lambda a, b: a + b)
    counts.map(lambda pair: f"{pair[0]}\t{pair[1]}").saveAsTextFile(sys.argv[2])
    print("counted:", counts.count())
spark.stop()
