"""S3's versions: kept, found, listed, deleted, and brought back."""

import uuid
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.region.conftest import RegionProcess


@pytest.fixture
def s3(client: Callable[..., Any]) -> Any:
    return client("s3")


@pytest.fixture
def bucket(s3: Any) -> str:
    """A new bucket that keeps versions."""
    name = f"versions-{uuid.uuid4().hex[:8]}"
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return name


def refused(call: Callable[..., Any], **members: Any) -> tuple[str, int]:
    with pytest.raises(ClientError) as error:
        call(**members)
    answer: Any = error.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def body(s3: Any, **members: Any) -> bytes:
    read: bytes = s3.get_object(**members)["Body"].read()
    return read


def listed(s3: Any, bucket: str, **members: Any) -> list[tuple[str, str, bool]]:
    """Key, version and whether it is the latest, markers among them, in the order of time."""
    answer = s3.list_object_versions(Bucket=bucket, **members)
    entries = [*answer.get("Versions", []), *answer.get("DeleteMarkers", [])]
    return [(entry["Key"], entry["VersionId"], entry["IsLatest"]) for entry in entries]


def test_a_bucket_keeps_versions_once_told_to(s3: Any) -> None:
    s3.create_bucket(Bucket="not-versioned")
    assert "Status" not in s3.get_bucket_versioning(Bucket="not-versioned")
    assert "VersionId" not in s3.put_object(Bucket="not-versioned", Key="k", Body=b"1")
    assert listed(s3, "not-versioned") == [("k", "null", True)]
    s3.put_bucket_versioning(Bucket="not-versioned", VersioningConfiguration={"Status": "Enabled"})
    assert s3.get_bucket_versioning(Bucket="not-versioned")["Status"] == "Enabled"
    made = s3.put_object(Bucket="not-versioned", Key="k", Body=b"2")["VersionId"]
    assert listed(s3, "not-versioned") == [("k", made, True), ("k", "null", False)]
    assert body(s3, Bucket="not-versioned", Key="k", VersionId="null") == b"1"


def test_each_put_makes_a_version_that_stays(s3: Any, bucket: str) -> None:
    target = {"Bucket": bucket, "Key": "k"}
    first = s3.put_object(**target, Body=b"one", Metadata={"n": "1"})["VersionId"]
    second = s3.put_object(**target, Body=b"two")["VersionId"]
    assert len(first) == 32
    found = s3.get_object(**target)
    assert (found["Body"].read(), found["VersionId"]) == (b"two", second)
    assert body(s3, **target, VersionId=first) == b"one"
    head = s3.head_object(**target, VersionId=first)
    assert (head["Metadata"], head["VersionId"]) == ({"n": "1"}, first)
    assert listed(s3, bucket) == [("k", second, True), ("k", first, False)]
    absent = first[:-1] + ("A" if first[-1] != "A" else "B")
    assert refused(s3.get_object, **target, VersionId=absent) == ("NoSuchVersion", 404)


def test_a_deletion_is_a_marker_that_can_be_deleted(s3: Any, bucket: str) -> None:
    target = {"Bucket": bucket, "Key": "k"}
    kept = s3.put_object(**target, Body=b"kept")["VersionId"]
    deleted = s3.delete_object(**target)
    assert deleted["DeleteMarker"] is True
    marker = deleted["VersionId"]
    with pytest.raises(ClientError) as error:
        s3.get_object(**target)
    answer: Any = error.value.response
    assert answer["Error"]["Code"] == "NoSuchKey"
    assert answer["ResponseMetadata"]["HTTPHeaders"]["x-amz-delete-marker"] == "true"
    assert refused(s3.get_object, **target, VersionId=marker) == ("MethodNotAllowed", 405)
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0
    assert listed(s3, bucket) == [("k", kept, False), ("k", marker, True)]
    assert refused(s3.delete_bucket, Bucket=bucket) == ("BucketNotEmpty", 409)
    undone = s3.delete_object(**target, VersionId=marker)
    assert (undone["DeleteMarker"], undone["VersionId"]) == (True, marker)
    assert body(s3, **target) == b"kept"
    assert "DeleteMarker" not in s3.delete_object(**target, VersionId=kept)
    s3.delete_bucket(Bucket=bucket)


def test_without_its_latest_version_an_object_is_the_one_before(s3: Any, bucket: str) -> None:
    target = {"Bucket": bucket, "Key": "k"}
    versions = [s3.put_object(**target, Body=bytes([number]))["VersionId"] for number in range(3)]
    s3.delete_object(**target, VersionId=versions[2])
    assert body(s3, **target) == b"\1"
    s3.delete_object(**target, VersionId=versions[0])
    assert listed(s3, bucket) == [("k", versions[1], True)]


def test_where_versions_are_suspended_only_the_null_version_is_replaced(s3: Any, bucket: str) -> None:
    target = {"Bucket": bucket, "Key": "k"}
    kept = s3.put_object(**target, Body=b"kept")["VersionId"]
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    for text in (b"a", b"b"):
        assert s3.put_object(**target, Body=text)["VersionId"] == "null"
    assert listed(s3, bucket) == [("k", "null", True), ("k", kept, False)]
    assert s3.delete_object(**target)["VersionId"] == "null"
    assert listed(s3, bucket) == [("k", kept, False), ("k", "null", True)]
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    made = s3.put_object(**target, Body=b"c")["VersionId"]
    assert [entry[1] for entry in listed(s3, bucket)] == [made, kept, "null"]


def test_versions_are_listed_page_by_page_also_while_they_are_deleted(
    region: RegionProcess, s3: Any, bucket: str
) -> None:
    for key in ("a", "b", "c"):
        for number in range(3):
            s3.put_object(Bucket=bucket, Key=key, Body=bytes([number]))
    s3.delete_object(Bucket=bucket, Key="b")
    pages = [*s3.get_paginator("list_object_versions").paginate(Bucket=bucket, PaginationConfig={"PageSize": 4})]
    seen = [entry["VersionId"] for page in pages for entry in page.get("Versions", []) + page.get("DeleteMarkers", [])]
    assert len(seen) == len(set(seen)) == 10
    first = s3.list_object_versions(Bucket=bucket, MaxKeys=2)
    for entry in first["Versions"]:
        s3.delete_object(Bucket=bucket, Key=entry["Key"], VersionId=entry["VersionId"])
    markers = {"KeyMarker": first["NextKeyMarker"], "VersionIdMarker": first["NextVersionIdMarker"]}
    assert listed(s3, bucket, **markers)[0][0] == "a"
    resource: Any = boto3.resource
    keys = dict(zip(("aws_access_key_id", "aws_secret_access_key"), region.keys(), strict=True))
    found = resource("s3", endpoint_url=region.url, region_name="us-east-1", **keys).Bucket(bucket)
    found.object_versions.delete()
    assert listed(s3, bucket) == []


def test_versions_are_listed_by_prefix_and_rolled_up(s3: Any, bucket: str) -> None:
    for key in ("a/1", "a/2", "b", "b", "c/3"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    answer = s3.list_object_versions(Bucket=bucket, Delimiter="/")
    assert [entry["Prefix"] for entry in answer["CommonPrefixes"]] == ["a/", "c/"]
    assert [entry["Key"] for entry in answer["Versions"]] == ["b", "b"]
    assert [entry[0] for entry in listed(s3, bucket, Prefix="a/")] == ["a/1", "a/2"]
    first = s3.list_object_versions(Bucket=bucket, Delimiter="/", MaxKeys=1)
    assert [entry["Prefix"] for entry in first["CommonPrefixes"]] == ["a/"]
    rest = s3.list_object_versions(Bucket=bucket, Delimiter="/", KeyMarker=first["NextKeyMarker"])
    assert [entry["Prefix"] for entry in rest["CommonPrefixes"]] == ["c/"]
    assert len(rest["Versions"]) == 2


def test_many_versions_are_deleted_at_once(s3: Any, bucket: str) -> None:
    one, two = (s3.put_object(Bucket=bucket, Key="k", Body=text)["VersionId"] for text in (b"1", b"2"))
    named = [{"Key": "k", "VersionId": one}, {"Key": "k"}]
    gone, marked = s3.delete_objects(Bucket=bucket, Delete={"Objects": named})["Deleted"]
    assert (gone["VersionId"], marked["DeleteMarker"]) == (one, True)
    assert listed(s3, bucket) == [("k", two, False), ("k", marked["DeleteMarkerVersionId"], True)]


def test_a_version_is_copied_tagged_and_described(s3: Any, bucket: str) -> None:
    target = {"Bucket": bucket, "Key": "k"}
    old = s3.put_object(**target, Body=b"old", Tagging="a=1&b=%20")["VersionId"]
    s3.put_object(**target, Body=b"new")
    assert s3.get_object_tagging(**target, VersionId=old)["TagSet"] == [
        {"Key": "a", "Value": "1"},
        {"Key": "b", "Value": " "},
    ]
    assert s3.head_object(**target, VersionId=old)["ResponseMetadata"]["HTTPHeaders"]["x-amz-tagging-count"] == "2"
    copied = s3.copy_object(**target, CopySource={**target, "VersionId": old})
    assert copied["CopySourceVersionId"] == old
    found = s3.get_object(**target)
    assert (found["Body"].read(), found["VersionId"]) == (b"old", copied["VersionId"])
    s3.put_object_tagging(**target, VersionId=old, Tagging={"TagSet": [{"Key": "c", "Value": "2"}]})
    assert s3.get_object_tagging(**target, VersionId=old)["TagSet"] == [{"Key": "c", "Value": "2"}]
    assert len(s3.get_object_tagging(**target)["TagSet"]) == 2
    s3.delete_object_tagging(**target)
    assert s3.get_object_tagging(**target)["TagSet"] == []
    too_many = {"TagSet": [{"Key": str(number), "Value": ""} for number in range(11)]}
    assert refused(s3.put_object_tagging, **target, Tagging=too_many) == ("BadRequest", 400)


def test_an_upload_in_parts_makes_a_version(s3: Any, bucket: str) -> None:
    target = {"Bucket": bucket, "Key": "k"}
    s3.put_object(**target, Body=b"before")
    upload = s3.create_multipart_upload(**target)["UploadId"]
    etag = s3.upload_part(**target, UploadId=upload, PartNumber=1, Body=b"part")["ETag"]
    parts = {"Parts": [{"PartNumber": 1, "ETag": etag}]}
    made = s3.complete_multipart_upload(**target, UploadId=upload, MultipartUpload=parts)["VersionId"]
    assert listed(s3, bucket)[0][1] == made
    assert len(listed(s3, bucket)) == 2
