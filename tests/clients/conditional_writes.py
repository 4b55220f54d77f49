"""Conditional writes answer as S3 does, so that a lock built on them holds."""

from clients import refusal, s3

client = s3()


def put(body, **condition):
    """What a conditional write of `body` is refused with."""
    return refusal(client.put_object, Bucket="bucket", Key="lock", Body=body, **condition)


def stored():
    """What the key holds."""
    return client.get_object(Bucket="bucket", Key="lock")["Body"].read()


assert put(b"none", IfMatch='"etag"') == "NoSuchKey"
assert put(b"first", IfNoneMatch="*") is None
assert put(b"second", IfNoneMatch="*") == "PreconditionFailed"
assert stored() == b"first"

etag = client.head_object(Bucket="bucket", Key="lock")["ETag"]
assert put(b"second", IfMatch='"another"') == "PreconditionFailed"
assert put(b"second", IfMatch=etag) is None
assert put(b"third", IfMatch=etag) == "PreconditionFailed", "an ETag serves once"
assert stored() == b"second"

assert refusal(client.delete_object, Bucket="bucket", Key="lock", IfMatch=etag) == "PreconditionFailed"
now = client.head_object(Bucket="bucket", Key="lock")["ETag"]
assert refusal(client.delete_object, Bucket="bucket", Key="lock", IfMatch=now) is None
assert refusal(client.get_object, Bucket="bucket", Key="lock") == "NoSuchKey"
