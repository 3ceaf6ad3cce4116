"""S3's own words for input that is not what its API takes."""

import base64
from collections.abc import Callable
from typing import Any

import pytest

from tests.region.test_s3_objects import refused

BUCKET = "refusals"


@pytest.fixture
def s3(client: Callable[..., Any]) -> Any:
    """A client, and a bucket with one object of five bytes."""
    made = client("s3")
    made.create_bucket(Bucket=BUCKET)
    made.put_object(Bucket=BUCKET, Key="five", Body=b"12345")
    return made


def test_a_location_that_is_none(s3: Any) -> None:
    nowhere = {"LocationConstraint": "us-west-9"}
    found = refused(s3.create_bucket, Bucket="elsewhere", CreateBucketConfiguration=nowhere)
    assert found == ("InvalidLocationConstraint", 400)


def test_a_storage_class_that_is_none(s3: Any) -> None:
    found = refused(s3.put_object, Bucket=BUCKET, Key="class", Body=b"", StorageClass="COLD")
    assert found == ("InvalidStorageClass", 400)


def test_an_md5_that_is_none_and_one_that_is_wrong(s3: Any) -> None:
    target = {"Bucket": BUCKET, "Key": "digest", "Body": b"12345"}
    assert refused(s3.put_object, **target, ContentMD5="short") == ("InvalidDigest", 400)
    assert refused(s3.put_object, **target, ContentMD5=base64.b64encode(bytes(16)).decode()) == ("BadDigest", 400)


def test_a_body_that_is_not_what_the_schema_says(s3: Any) -> None:
    wrong = {"Status": "Sometimes"}
    found = refused(s3.put_bucket_versioning, Bucket=BUCKET, VersioningConfiguration=wrong)
    assert found == ("MalformedXML", 400)
    assert refused(s3.delete_objects, Bucket=BUCKET, Delete={"Objects": []}) == ("MalformedXML", 400)


def test_a_version_id_that_is_none(s3: Any) -> None:
    assert refused(s3.get_object, Bucket=BUCKET, Key="five", VersionId="bogus") == ("InvalidArgument", 400)


@pytest.mark.parametrize("wanted", ["bytes=0-5", "bytes=2-", "bytes=-2", "2-3"])
def test_a_range_to_copy_that_is_not_within_the_object(s3: Any, wanted: str) -> None:
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key="copy")["UploadId"]
    part = {"Bucket": BUCKET, "Key": "copy", "UploadId": upload, "PartNumber": 1, "CopySource": f"{BUCKET}/five"}
    assert refused(s3.upload_part_copy, **part, CopySourceRange=wanted) == ("InvalidArgument", 400)
    s3.upload_part_copy(**part, CopySourceRange="bytes=1-3")
    s3.abort_multipart_upload(Bucket=BUCKET, Key="copy", UploadId=upload)


def test_a_version_id_that_is_none_is_not_deleted(s3: Any) -> None:
    for version in ("bogus", "a\r\nb"):
        assert refused(s3.delete_object, Bucket=BUCKET, Key="five", VersionId=version) == ("InvalidArgument", 400)
        named = {"Objects": [{"Key": "five", "VersionId": version}]}
        assert refused(s3.delete_objects, Bucket=BUCKET, Delete=named) == ("InvalidArgument", 400)
    assert s3.get_object(Bucket=BUCKET, Key="five")["Body"].read() == b"12345"
