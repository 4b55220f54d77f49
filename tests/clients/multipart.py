"""An object arrives whole in parts, and parts that do not fit together make none."""

import io
import random

from boto3.s3.transfer import TransferConfig

from clients import refusal, s3

client = s3()
MIB = 1 << 20

body = random.Random(0).randbytes(20 * MIB + 7)
client.upload_fileobj(io.BytesIO(body), "bucket", "big", Config=TransferConfig(multipart_threshold=5 * MIB))
head = client.head_object(Bucket="bucket", Key="big")
assert head["ContentLength"] == len(body) and head["ETag"].endswith('-3"'), head
down = io.BytesIO()
client.download_fileobj("bucket", "big", down)
assert down.getvalue() == body

upload = {"Bucket": "bucket", "Key": "parts"}
upload["UploadId"] = client.create_multipart_upload(**upload)["UploadId"]
etags = [
    client.upload_part(**upload, PartNumber=number, Body=part)["ETag"]
    for number, part in enumerate([b"a" * (5 * MIB), b"too small", b"tail"], start=1)
]
parts = [{"PartNumber": number, "ETag": etag} for number, etag in enumerate(etags, start=1)]
assert [part["PartNumber"] for part in client.list_parts(**upload)["Parts"]] == [1, 2, 3]


def complete(*chosen):
    """What the completion of `chosen` parts is refused with."""
    return refusal(client.complete_multipart_upload, **upload, MultipartUpload={"Parts": list(chosen)})


assert complete(*parts) == "EntityTooSmall"
assert complete(parts[2], parts[0]) == "InvalidPartOrder"
assert refusal(client.head_object, Bucket="bucket", Key="parts") == "404"
assert complete(parts[0], parts[2]) is None
assert client.get_object(Bucket="bucket", Key="parts")["Body"].read() == b"a" * (5 * MIB) + b"tail"

upload["UploadId"] = client.create_multipart_upload(Bucket="bucket", Key="parts")["UploadId"]
client.abort_multipart_upload(**upload)
assert complete(parts[0]) == "NoSuchUpload"
assert "Uploads" not in client.list_multipart_uploads(Bucket="bucket")
