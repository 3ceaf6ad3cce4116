"""S3's buckets and objects, by boto3."""

import base64
import hashlib
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.region.conftest import RegionProcess
from tests.region.raw import send, signed


@pytest.fixture
def s3(client: Callable[..., Any]) -> Any:
    made = client("s3")
    made.create_bucket(Bucket="objects")
    return made


def refused(call: Callable[..., Any], **members: Any) -> tuple[str, int]:
    with pytest.raises(ClientError) as error:
        call(**members)
    answer: Any = error.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def test_a_bucket_is_made_found_listed_and_deleted(s3: Any) -> None:
    assert s3.create_bucket(Bucket="short-lived")["Location"] == "/short-lived"
    assert s3.head_bucket(Bucket="short-lived")["BucketRegion"] == "us-east-1"
    assert s3.get_bucket_location(Bucket="short-lived")["LocationConstraint"] is None
    listed = {bucket["Name"]: bucket["CreationDate"] for bucket in s3.list_buckets()["Buckets"]}
    assert abs(listed["short-lived"] - datetime.now(UTC)) < timedelta(minutes=1)
    s3.delete_bucket(Bucket="short-lived")
    assert refused(s3.head_bucket, Bucket="short-lived") == ("404", 404)
    assert refused(s3.delete_bucket, Bucket="short-lived") == ("NoSuchBucket", 404)


def test_making_ones_own_bucket_again_changes_nothing_as_in_us_east_1(s3: Any) -> None:
    s3.put_object(Bucket="objects", Key="kept", Body=b"1")
    assert s3.create_bucket(Bucket="objects")["Location"] == "/objects"
    assert s3.get_object(Bucket="objects", Key="kept")["Body"].read() == b"1"


def test_buckets_are_listed_page_by_page(s3: Any) -> None:
    for number in range(3):
        s3.create_bucket(Bucket=f"paged-{number}")
    first = s3.list_buckets(Prefix="paged-", MaxBuckets=2)
    assert [bucket["Name"] for bucket in first["Buckets"]] == ["paged-0", "paged-1"]
    second = s3.list_buckets(Prefix="paged-", MaxBuckets=2, ContinuationToken=first["ContinuationToken"])
    assert [bucket["Name"] for bucket in second["Buckets"]] == ["paged-2"]
    assert "ContinuationToken" not in second


@pytest.mark.parametrize("name", ["Upper", "under_score", "a..b", "192.168.0.1", "xn--abc", "-ab", "abc--x-s3"])
def test_a_name_that_s3_does_not_allow_is_refused(region: RegionProcess, name: str) -> None:
    status, _, body = send(region, "PUT", f"/{name}", signed(region, "s3", "PUT", f"/{name}"))
    assert status == 400
    assert b"<Code>InvalidBucketName</Code>" in body


def test_a_bucket_in_another_region_is_refused(s3: Any) -> None:
    elsewhere = {"LocationConstraint": "eu-west-1"}
    code = refused(s3.create_bucket, Bucket="elsewhere", CreateBucketConfiguration=elsewhere)
    assert code == ("IllegalLocationConstraintException", 400)


def test_a_bucket_with_objects_is_not_deleted(s3: Any) -> None:
    s3.create_bucket(Bucket="full")
    s3.put_object(Bucket="full", Key="k", Body=b"")
    assert refused(s3.delete_bucket, Bucket="full") == ("BucketNotEmpty", 409)
    s3.delete_object(Bucket="full", Key="k")
    s3.delete_bucket(Bucket="full")


def test_an_object_keeps_its_bytes_type_metadata_and_headers(s3: Any) -> None:
    expires = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
    put = s3.put_object(
        Bucket="objects",
        Key="dir/data.csv",
        Body=b"1,2\n",
        ContentType="text/csv",
        Metadata={"Owner": "mira"},
        CacheControl="no-cache",
        ContentDisposition="attachment",
        ContentEncoding="identity",
        Expires=expires,
    )
    md5 = hashlib.md5(b"1,2\n").hexdigest()  # noqa: S324 - S3's ETag
    assert put["ETag"] == f'"{md5}"'
    for answer in (
        s3.head_object(Bucket="objects", Key="dir/data.csv"),
        found := s3.get_object(Bucket="objects", Key="dir/data.csv"),
    ):
        assert answer["ContentType"] == "text/csv"
        assert answer["ContentLength"] == 4
        assert answer["Metadata"] == {"owner": "mira"}
        assert answer["CacheControl"] == "no-cache"
        assert answer["ContentDisposition"] == "attachment"
        assert answer["ContentEncoding"] == "identity"
        assert answer["ETag"] == put["ETag"]
        assert answer["AcceptRanges"] == "bytes"
        assert abs(answer["LastModified"] - datetime.now(UTC)) < timedelta(minutes=1)
        assert answer["ExpiresString"] == "Wed, 02 Jan 2030 03:04:05 GMT"
    assert found["Body"].read() == b"1,2\n"


def test_an_object_without_a_type_is_a_binary_octet_stream(s3: Any) -> None:
    s3.put_object(Bucket="objects", Key="untyped", Body=b"")
    answer = s3.head_object(Bucket="objects", Key="untyped")
    assert (answer["ContentType"], answer["ContentLength"]) == ("binary/octet-stream", 0)
    assert s3.get_object(Bucket="objects", Key="untyped")["Body"].read() == b""


def test_a_second_put_replaces_the_first(s3: Any) -> None:
    s3.put_object(Bucket="objects", Key="twice", Body=b"one", Metadata={"a": "1"})
    s3.put_object(Bucket="objects", Key="twice", Body=b"two")
    found = s3.get_object(Bucket="objects", Key="twice")
    assert found["Body"].read() == b"two"
    assert found["Metadata"] == {}


def test_what_is_not_there_is_named(s3: Any) -> None:
    with pytest.raises(s3.exceptions.NoSuchKey) as error:
        s3.get_object(Bucket="objects", Key="nowhere")
    assert error.value.response["Error"]["Key"] == "nowhere"
    with pytest.raises(s3.exceptions.NoSuchBucket) as error:
        s3.get_object(Bucket="no-such-bucket", Key="k")
    assert error.value.response["Error"]["BucketName"] == "no-such-bucket"
    assert refused(s3.head_object, Bucket="objects", Key="nowhere") == ("404", 404)
    assert refused(s3.put_object, Bucket="no-such-bucket", Key="k", Body=b"") == ("NoSuchBucket", 404)


@pytest.mark.parametrize(
    ("wanted", "bytes_", "content_range"),
    [
        ("bytes=0-0", b"0", "bytes 0-0/10"),
        ("bytes=2-4", b"234", "bytes 2-4/10"),
        ("bytes=7-", b"789", "bytes 7-9/10"),
        ("bytes=7-99", b"789", "bytes 7-9/10"),
        ("bytes=-3", b"789", "bytes 7-9/10"),
        ("bytes=-99", b"0123456789", "bytes 0-9/10"),
    ],
)
def test_a_range_is_answered_in_part(s3: Any, wanted: str, bytes_: bytes, content_range: str) -> None:
    s3.put_object(Bucket="objects", Key="digits", Body=b"0123456789")
    found = s3.get_object(Bucket="objects", Key="digits", Range=wanted)
    assert found["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert found["ContentRange"] == content_range
    assert found["Body"].read() == bytes_
    head = s3.head_object(Bucket="objects", Key="digits", Range=wanted)
    assert head["ContentLength"] == len(bytes_)


@pytest.mark.parametrize("wanted", ["bytes=4-2", "bytes=a-b", "lines=1-2", "bytes=0-1,3-4"])
def test_a_range_that_is_none_is_answered_whole(s3: Any, wanted: str) -> None:
    s3.put_object(Bucket="objects", Key="digits", Body=b"0123456789")
    found = s3.get_object(Bucket="objects", Key="digits", Range=wanted)
    assert found["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert found["Body"].read() == b"0123456789"


@pytest.mark.parametrize("wanted", ["bytes=10-", "bytes=10-20", "bytes=-0"])
def test_a_range_behind_the_end_is_refused(s3: Any, wanted: str) -> None:
    s3.put_object(Bucket="objects", Key="digits", Body=b"0123456789")
    assert refused(s3.get_object, Bucket="objects", Key="digits", Range=wanted) == ("InvalidRange", 416)


def test_reads_on_condition(s3: Any) -> None:
    target = {"Bucket": "objects", "Key": "conditional"}
    etag = s3.put_object(**target, Body=b"1")["ETag"]
    past, future = (datetime.now(UTC) + timedelta(hours=hours) for hours in (-1, 1))
    assert s3.get_object(**target, IfMatch=etag)["ETag"] == etag
    assert s3.get_object(**target, IfMatch=etag, IfUnmodifiedSince=past)["ETag"] == etag
    assert s3.get_object(**target, IfNoneMatch='"other"', IfModifiedSince=future)["ETag"] == etag
    assert s3.get_object(**target, IfModifiedSince=past)["ETag"] == etag
    assert refused(s3.get_object, **target, IfMatch='"other"') == ("PreconditionFailed", 412)
    assert refused(s3.get_object, **target, IfUnmodifiedSince=past) == ("PreconditionFailed", 412)
    assert refused(s3.get_object, **target, IfNoneMatch=etag) == ("304", 304)
    assert refused(s3.get_object, **target, IfModifiedSince=future) == ("304", 304)


def test_writes_on_condition(s3: Any) -> None:
    target = {"Bucket": "objects", "Key": "written-once"}
    etag = s3.put_object(**target, Body=b"1", IfNoneMatch="*")["ETag"]
    assert refused(s3.put_object, **target, Body=b"2", IfNoneMatch="*") == ("PreconditionFailed", 412)
    assert refused(s3.put_object, **target, Body=b"2", IfMatch='"other"') == ("PreconditionFailed", 412)
    assert s3.get_object(**target)["Body"].read() == b"1"
    s3.put_object(**target, Body=b"2", IfMatch=etag)
    assert s3.get_object(**target)["Body"].read() == b"2"
    s3.delete_object(**target)
    assert refused(s3.put_object, **target, Body=b"2", IfMatch=etag) == ("NoSuchKey", 404)


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA1", "SHA256", "SHA512"])
def test_a_checksum_is_checked_kept_and_answered(s3: Any, algorithm: str) -> None:
    target = {"Bucket": "objects", "Key": "summed"}
    put = s3.put_object(**target, Body=b"hello", ChecksumAlgorithm=algorithm)
    if algorithm == "CRC32":
        assert put["ChecksumCRC32"] == base64.b64encode(zlib.crc32(b"hello").to_bytes(4, "big")).decode()
    found = s3.get_object(**target, ChecksumMode="ENABLED")
    assert found[f"Checksum{algorithm}"] == put[f"Checksum{algorithm}"]
    assert found["ChecksumType"] == "FULL_OBJECT"
    assert found["Body"].read() == b"hello"


def test_a_crc32c_is_checked_and_kept(s3: Any) -> None:
    # the check value of CRC-32/ISCSI: https://reveng.sourceforge.io/crc-catalogue/17plus.htm
    given = base64.b64encode(bytes.fromhex("e3069283")).decode()
    put = s3.put_object(Bucket="objects", Key="summed", Body=b"123456789", ChecksumCRC32C=given)
    assert (put["ChecksumCRC32C"], put["ChecksumType"]) == (given, "FULL_OBJECT")


def test_a_wrong_checksum_stores_nothing(s3: Any) -> None:
    target = {"Bucket": "objects", "Key": "never-stored"}
    assert refused(s3.put_object, **target, Body=b"x", ChecksumCRC32C="AAAAAA==") == ("BadDigest", 400)
    assert refused(s3.put_object, **target, Body=b"x", ChecksumCRC32="AAAAAA==") == ("BadDigest", 400)
    assert refused(s3.put_object, **target, Body=b"x", ContentMD5="AAAAAAAAAAAAAAAAAAAAAA==") == ("BadDigest", 400)
    assert refused(s3.head_object, **target) == ("404", 404)


def test_what_the_region_cannot_keep_is_refused_by_name(s3: Any) -> None:
    target = {"Bucket": "objects", "Key": "special", "Body": b""}
    assert refused(s3.put_object, **target, ACL="public-read") == ("AccessControlListNotSupported", 400)
    assert refused(s3.put_object, **target, ObjectLockMode="GOVERNANCE") == ("NotImplemented", 501)
    assert refused(s3.put_object, **{**target, "Key": "k" * 1025}) == ("KeyTooLongError", 400)
    assert refused(s3.put_object, **target, Metadata={"a": "b" * 2048}) == ("MetadataTooLarge", 400)
    assert refused(s3.put_object, **target, ExpectedBucketOwner="999999999999") == ("AccessDenied", 403)


def test_deleting_what_is_not_there_succeeds(s3: Any) -> None:
    assert s3.delete_object(Bucket="objects", Key="never")["ResponseMetadata"]["HTTPStatusCode"] == 204


def test_many_objects_are_deleted_at_once(s3: Any) -> None:
    s3.create_bucket(Bucket="emptied")
    keys = [f"k{number} <&>" for number in range(5)]
    for key in keys:
        s3.put_object(Bucket="emptied", Key=key, Body=b"")
    named = [{"Key": key} for key in (*keys, "absent")]
    answer = s3.delete_objects(Bucket="emptied", Delete={"Objects": named})
    assert answer["Deleted"] == named
    assert s3.list_objects_v2(Bucket="emptied")["KeyCount"] == 0
    assert "Deleted" not in s3.delete_objects(Bucket="emptied", Delete={"Objects": named, "Quiet": True})


def test_a_copy_keeps_or_replaces_the_description(s3: Any) -> None:
    source = {"Bucket": "objects", "Key": "from/ü +1"}
    s3.put_object(**source, Body=b"copied", ContentType="text/plain", Metadata={"a": "1"})
    s3.create_bucket(Bucket="copies")
    result = s3.copy_object(Bucket="copies", Key="kept", CopySource=source)["CopyObjectResult"]
    kept = s3.get_object(Bucket="copies", Key="kept")
    assert kept["Body"].read() == b"copied"
    assert (kept["ETag"], kept["ContentType"], kept["Metadata"]) == (result["ETag"], "text/plain", {"a": "1"})
    s3.delete_object(**source)
    assert s3.get_object(Bucket="copies", Key="kept")["Body"].read() == b"copied"
    replacing = {"MetadataDirective": "REPLACE", "ContentType": "text/csv", "Metadata": {"b": "2"}}
    s3.copy_object(Bucket="copies", Key="kept", CopySource="copies/kept", **replacing)
    replaced = s3.get_object(Bucket="copies", Key="kept")
    assert (replaced["ContentType"], replaced["Metadata"]) == ("text/csv", {"b": "2"})
    assert replaced["Body"].read() == b"copied"


def test_copies_that_make_no_sense_are_refused(s3: Any) -> None:
    s3.put_object(Bucket="objects", Key="source", Body=b"1")
    own = {"Bucket": "objects", "Key": "source", "CopySource": "objects/source"}
    assert refused(s3.copy_object, **own) == ("InvalidRequest", 400)
    assert refused(s3.copy_object, **{**own, "CopySource": "objects/absent"}) == ("NoSuchKey", 404)
    assert refused(s3.copy_object, **{**own, "CopySource": "objects"}) == ("InvalidArgument", 400)
    condition = {"Key": "target", "CopySourceIfMatch": '"other"'}
    assert refused(s3.copy_object, **{**own, **condition}) == ("PreconditionFailed", 412)


@pytest.mark.parametrize("host", ["hosted.localhost", "hosted.s3.localhost:8001", "hosted.s3.us-east-1.amazonaws.com"])
def test_the_host_may_name_the_bucket(region: RegionProcess, s3: Any, host: str) -> None:
    s3.create_bucket(Bucket="hosted")
    headers = signed(region, "s3", "PUT", "/in/host", {"host": host}, b"by host")
    assert send(region, "PUT", "/in/host", headers, b"by host")[0] == 200
    assert s3.get_object(Bucket="hosted", Key="in/host")["Body"].read() == b"by host"
    listing = send(region, "GET", "/?list-type=2", signed(region, "s3", "GET", "/?list-type=2", {"host": host}))
    assert b"<Key>in/host</Key>" in listing[2]


def test_keys_are_no_paths(region: RegionProcess, s3: Any) -> None:
    for key in ("../../escaped", "/etc/escaped", "a/../../../escaped", "blobs/escaped"):
        s3.put_object(Bucket="objects", Key=key, Body=b"data, not a path")
        assert s3.get_object(Bucket="objects", Key=key)["Body"].read() == b"data, not a path"
    assert not list(region.home.parent.rglob("*escaped*"))
    assert not Path("/etc/escaped").exists()


def test_a_request_may_choose_headers_of_its_answer(s3: Any) -> None:
    s3.put_object(Bucket="objects", Key="renamed", Body=b"1", ContentType="text/csv")
    disposition = 'attachment; filename="model.tar.gz"'
    chosen = {"ResponseContentDisposition": disposition, "ResponseContentType": "application/gzip"}
    found = s3.get_object(Bucket="objects", Key="renamed", **chosen)
    assert (found["ContentDisposition"], found["ContentType"]) == (disposition, "application/gzip")
    ended = {"ResponseContentDisposition": "x\r\nSet-Cookie: a=b"}
    assert refused(s3.get_object, Bucket="objects", Key="renamed", **ended) == ("InvalidArgument", 400)


def test_readers_amid_writers_see_whole_objects(region: RegionProcess) -> None:
    s3 = region.client("s3", Config(retries={"total_max_attempts": 1}))
    s3.create_bucket(Bucket="objects")
    target = {"Bucket": "objects", "Key": "contended"}
    bodies = {bytes([number]) * 200_000 for number in range(4)}
    s3.put_object(**target, Body=next(iter(bodies)))

    def write(body: bytes) -> None:
        for _ in range(15):
            s3.put_object(**target, Body=body)

    def read(_: int) -> list[bytes]:
        return [s3.get_object(**target)["Body"].read() for _ in range(30)]

    with ThreadPoolExecutor(8) as pool:
        writers = [pool.submit(write, body) for body in bodies]
        for seen in pool.map(read, range(4)):
            assert set(seen) <= bodies
        for writer in writers:
            writer.result()
