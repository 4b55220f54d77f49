"""The lock of mrjob 0.3 to 0.7.2, for one contender: mrjob_lock.py URI SECONDS, with the clients' python.

It was not in mrjob any more by 0.7.4, so this is its protocol: look; if nobody has the key, put our name there, wait
SECONDS (`s3_sync_wait_time`), and own the lock where the key still holds our name. Exits 0 with the lock, else 1.
Says `ready` first and begins when it reads a line, so that many can begin at once.
"""

import sys
import time
import uuid

import boto3
from botocore.exceptions import ClientError

bucket, key = sys.argv[1].removeprefix("s3://").split("/", 1)
name = uuid.uuid4().hex.encode()
s3 = boto3.client("s3")
print("ready", flush=True)
sys.stdin.readline()

try:
    s3.head_object(Bucket=bucket, Key=key)
except ClientError as error:
    if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
        raise
else:
    sys.exit(1)
s3.put_object(Bucket=bucket, Key=key, Body=name)
time.sleep(float(sys.argv[2]))
sys.exit(0 if s3.get_object(Bucket=bucket, Key=key)["Body"].read() == name else 1)
