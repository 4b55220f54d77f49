"""The lock of mrjob 0.3 to 0.7.2, for one contender: mrjob_lock.py URI SECONDS, run by the clients' Python.

mrjob 0.7.4 no longer has it, so this follows its protocol: check the key; if nobody has it, write our name there, wait
SECONDS (`s3_sync_wait_time`), and own the lock if the key still holds our name. Exits with 0 with the lock, else 1.
Prints `ready` and waits for a line before it begins, so that many can begin at once.
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
