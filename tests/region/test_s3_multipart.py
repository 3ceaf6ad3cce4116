"""S3's multipart uploads, by boto3 and its transfer manager."""

import hashlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from tests.region.conftest import RegionProcess

FIVE = 5 << 20
BUCKET = "parts"


@pytest.fixture
def s3(client: Callable[..., Any]) -> Any:
    made = client("s3")
    made.create_bucket(Bucket=BUCKET)
    return made


def refused(call: Callable[..., Any], **members: Any) -> tuple[str, int]:
    with pytest.raises(ClientError) as error:
        call(**members)
    answer: Any = error.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def begun(s3: Any, key: str, *bodies: bytes, **members: Any) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """An upload with parts: the members that name it, and the parts as CompleteMultipartUpload wants them."""
    named = {"Bucket": BUCKET, "Key": key}
    named["UploadId"] = s3.create_multipart_upload(**named, **members)["UploadId"]
    algorithm = {name: members[name] for name in ("ChecksumAlgorithm",) if name in members}
    parts = []
    for number, body in enumerate(bodies, 1):
        answer = s3.upload_part(**named, PartNumber=number, Body=body, **algorithm)
        parts.append({"PartNumber": number, "ETag": answer["ETag"]})
    return named, parts


def test_a_large_file_goes_up_and_comes_down_in_parts(s3: Any, tmp_path: Path) -> None:
    source, back = tmp_path / "source", tmp_path / "back"
    source.write_bytes(os.urandom(3 * FIVE + 17))
    config = TransferConfig(multipart_threshold=FIVE, multipart_chunksize=FIVE)
    s3.upload_file(str(source), BUCKET, "large", ExtraArgs={"ContentType": "x/y"}, Config=config)
    head = s3.head_object(Bucket=BUCKET, Key="large")
    assert (head["ContentLength"], head["ContentType"]) == (source.stat().st_size, "x/y")
    assert head["ETag"].endswith('-4"')
    s3.download_file(BUCKET, "large", str(back), Config=config)
    assert back.read_bytes() == source.read_bytes()
    s3.copy({"Bucket": BUCKET, "Key": "large"}, BUCKET, "large copy", Config=config)
    s3.download_file(BUCKET, "large copy", str(back))
    assert back.read_bytes() == source.read_bytes()


def test_parts_are_joined_in_order_under_s3s_etag(s3: Any) -> None:
    bodies = [b"a" * FIVE, b"b" * FIVE, b"end"]
    named, parts = begun(s3, "joined", *bodies, Metadata={"k": "v"})
    answer = s3.complete_multipart_upload(**named, MultipartUpload={"Parts": parts})
    md5s = b"".join(hashlib.md5(body).digest() for body in bodies)  # noqa: S324 - S3's ETag
    assert answer["ETag"] == f'"{hashlib.md5(md5s).hexdigest()}-3"'  # noqa: S324
    found = s3.get_object(Bucket=BUCKET, Key="joined")
    assert found["Body"].read() == b"".join(bodies)
    assert found["Metadata"] == {"k": "v"}
    second = s3.get_object(Bucket=BUCKET, Key="joined", PartNumber=3)
    assert (second["Body"].read(), second["PartsCount"]) == (b"end", 3)
    assert refused(s3.get_object, Bucket=BUCKET, Key="joined", PartNumber=4)[1] == 416


def test_some_of_the_parts_may_be_left_out(s3: Any) -> None:
    named, parts = begun(s3, "chosen", b"left out", b"a" * FIVE, b"last")
    s3.complete_multipart_upload(**named, MultipartUpload={"Parts": parts[1:]})
    assert s3.get_object(Bucket=BUCKET, Key="chosen")["Body"].read() == b"a" * FIVE + b"last"


def test_a_part_sent_again_replaces_the_first(s3: Any) -> None:
    named, parts = begun(s3, "again", b"first")
    etag = s3.upload_part(**named, PartNumber=1, Body=b"second")["ETag"]
    assert refused(s3.complete_multipart_upload, **named, MultipartUpload={"Parts": parts}) == ("InvalidPart", 400)
    s3.complete_multipart_upload(**named, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]})
    assert s3.get_object(Bucket=BUCKET, Key="again")["Body"].read() == b"second"


def test_what_cannot_be_joined_is_refused_and_the_upload_stays(s3: Any) -> None:
    named, parts = begun(s3, "refused", b"small", b"also small")

    def completing(*chosen: dict[str, Any]) -> tuple[str, int]:
        return refused(s3.complete_multipart_upload, **named, MultipartUpload={"Parts": list(chosen)})

    assert completing(*parts) == ("EntityTooSmall", 400)
    assert completing(parts[1], parts[0]) == ("InvalidPartOrder", 400)
    assert completing({**parts[0], "PartNumber": 9}) == ("InvalidPart", 400)
    assert completing() == ("MalformedXML", 400)
    assert len(s3.list_parts(**named)["Parts"]) == 2
    assert refused(s3.head_object, Bucket=BUCKET, Key="refused") == ("404", 404)


def test_an_upload_that_was_given_up_takes_nothing_more(s3: Any) -> None:
    named, parts = begun(s3, "given-up", b"body")
    s3.abort_multipart_upload(**named)
    s3.abort_multipart_upload(**named)  # again, as after a lost answer
    assert refused(s3.complete_multipart_upload, **named, MultipartUpload={"Parts": parts}) == ("NoSuchUpload", 404)
    assert refused(s3.upload_part, **named, PartNumber=1, Body=b"late") == ("NoSuchUpload", 404)
    assert refused(s3.list_parts, **named) == ("NoSuchUpload", 404)
    assert refused(s3.head_object, Bucket=BUCKET, Key="given-up") == ("404", 404)
    assert refused(s3.abort_multipart_upload, **{**named, "UploadId": "never"}) == ("NoSuchUpload", 404)


def test_completing_again_answers_the_same_and_changes_nothing(s3: Any) -> None:
    named, parts = begun(s3, "over", b"a" * FIVE, b"end", ChecksumAlgorithm="SHA256")
    whole = {"MultipartUpload": {"Parts": parts}}
    first = s3.complete_multipart_upload(**named, **whole)
    s3.put_object(Bucket=BUCKET, Key="over", Body=b"newer")
    for conditions in ({}, {"IfNoneMatch": "*"}):
        again = s3.complete_multipart_upload(**named, **whole, **conditions)
        assert {**again, "ResponseMetadata": None} == {**first, "ResponseMetadata": None}
    s3.abort_multipart_upload(**named)
    assert s3.get_object(Bucket=BUCKET, Key="over")["Body"].read() == b"newer"
    others = {"MultipartUpload": {"Parts": parts[:1]}}
    assert refused(s3.complete_multipart_upload, **named, **others) == ("NoSuchUpload", 404)
    assert refused(s3.complete_multipart_upload, **{**named, "Key": "else"}, **whole) == ("NoSuchUpload", 404)


def test_completing_again_answers_the_version_that_it_made(s3: Any) -> None:
    bucket = "parts-versions"
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    named = {"Bucket": bucket, "Key": "k"}
    named["UploadId"] = s3.create_multipart_upload(**named)["UploadId"]
    parts = [{"PartNumber": 1, "ETag": s3.upload_part(**named, PartNumber=1, Body=b"body")["ETag"]}]
    answers = [s3.complete_multipart_upload(**named, MultipartUpload={"Parts": parts}) for _ in range(2)]
    assert answers[0]["VersionId"] == answers[1]["VersionId"]
    assert len(s3.list_object_versions(Bucket=bucket)["Versions"]) == 1


def test_an_upload_that_many_complete_at_once_is_completed_for_each(s3: Any) -> None:
    named, parts = begun(s3, "at-once", b"body")
    whole = {**named, "MultipartUpload": {"Parts": parts}, "IfNoneMatch": "*"}
    with ThreadPoolExecutor(8) as pool:
        answers = [*pool.map(lambda _: s3.complete_multipart_upload(**whole), range(16))]
    assert len({answer["ETag"] for answer in answers}) == 1


def test_part_numbers_are_1_to_10000(s3: Any) -> None:
    named, _ = begun(s3, "numbers")
    for number in (0, 10_001):
        assert refused(s3.upload_part, **named, PartNumber=number, Body=b"") == ("InvalidArgument", 400)


def test_parts_and_uploads_are_listed_page_by_page(s3: Any) -> None:
    s3.create_bucket(Bucket="unfinished")
    for key in ("u/1", "u/1", "u/2", "other"):
        s3.create_multipart_upload(Bucket="unfinished", Key=key)
    pages = s3.get_paginator("list_multipart_uploads").paginate(
        Bucket="unfinished", Prefix="u/", PaginationConfig={"PageSize": 1}
    )
    listed = [upload for page in pages for upload in page["Uploads"]]
    assert [upload["Key"] for upload in listed] == ["u/1", "u/1", "u/2"]
    assert len({upload["UploadId"] for upload in listed}) == 3
    named, parts = begun(s3, "many", *[b"x" * size for size in range(5)])
    paged = s3.get_paginator("list_parts").paginate(**named, PaginationConfig={"PageSize": 2})
    found = [part for page in paged for part in page["Parts"]]
    assert [(part["PartNumber"], part["Size"]) for part in found] == [(n, n - 1) for n in range(1, 6)]
    assert [part["ETag"] for part in found] == [part["ETag"] for part in parts]


def test_checksums_of_parts_make_a_composite_or_a_whole_one(s3: Any) -> None:
    bodies = [b"a" * FIVE, b"end"]
    named, parts = begun(s3, "composite", *bodies, ChecksumAlgorithm="SHA256")
    answer = s3.complete_multipart_upload(**named, MultipartUpload={"Parts": parts})
    assert answer["ChecksumType"] == "COMPOSITE"
    assert answer["ChecksumSHA256"].endswith("-2")
    mismatch = {"PartNumber": 1, "Body": b"x", "ChecksumAlgorithm": "CRC32"}
    named, _ = begun(s3, "mismatch", ChecksumAlgorithm="SHA256")
    assert refused(s3.upload_part, **named, **mismatch) == ("InvalidRequest", 400)
    named, parts = begun(s3, "whole", *bodies, ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")
    answer = s3.complete_multipart_upload(**named, MultipartUpload={"Parts": parts})
    put = s3.put_object(Bucket=BUCKET, Key="at once", Body=b"".join(bodies), ChecksumAlgorithm="CRC32")
    assert answer["ChecksumCRC32"] == put["ChecksumCRC32"]
    named, parts = begun(s3, "wrong", *bodies, ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")
    completing = {**named, "MultipartUpload": {"Parts": parts}, "ChecksumCRC32": "AAAAAA=="}
    assert refused(s3.complete_multipart_upload, **completing) == ("BadDigest", 400)


def test_a_bucket_with_unfinished_uploads_can_be_deleted(s3: Any, region: RegionProcess) -> None:
    s3.create_bucket(Bucket="half-done")
    upload = s3.create_multipart_upload(Bucket="half-done", Key="k")["UploadId"]
    body = b"only part of a bucket that goes away" * 1000
    s3.upload_part(Bucket="half-done", Key="k", UploadId=upload, PartNumber=1, Body=body)
    digest = hashlib.sha256(body).hexdigest()
    assert (region.home / "blobs" / digest[:2] / digest).exists()
    s3.delete_bucket(Bucket="half-done")
    assert not (region.home / "blobs" / digest[:2] / digest).exists()


def test_uploads_are_rolled_up_at_a_delimiter(s3: Any) -> None:
    s3.create_bucket(Bucket="rolled-uploads")
    for key in ("a/1", "a/2", "b", "b", "c/3"):
        s3.create_multipart_upload(Bucket="rolled-uploads", Key=key)
    pages = s3.get_paginator("list_multipart_uploads").paginate(
        Bucket="rolled-uploads", Delimiter="/", PaginationConfig={"PageSize": 1}
    )
    seen = [
        [
            *(entry["Prefix"] for entry in page.get("CommonPrefixes", [])),
            *(one["Key"] for one in page.get("Uploads", [])),
        ]
        for page in pages
    ]
    assert seen == [["a/"], ["b"], ["b"], ["c/"]]


@pytest.mark.parametrize(("algorithm", "kind"), [("SHA256", "FULL_OBJECT"), ("CRC64NVME", "COMPOSITE")])
def test_a_checksum_that_cannot_be_of_parts_or_of_the_whole_is_refused(s3: Any, algorithm: str, kind: str) -> None:
    members = {"ChecksumAlgorithm": algorithm, "ChecksumType": kind}
    assert refused(s3.create_multipart_upload, Bucket=BUCKET, Key="k", **members) == ("InvalidRequest", 400)


@pytest.mark.parametrize("kind", ["FULL_OBJECT", "COMPOSITE"])
def test_the_crcs_of_parts_make_that_of_the_object(s3: Any, kind: str) -> None:
    members = {"ChecksumAlgorithm": "CRC32", "ChecksumType": kind}
    named, parts = begun(s3, f"crc-{kind}", bytes(FIVE), b"end", **members)
    done = s3.complete_multipart_upload(**named, MultipartUpload={"Parts": parts})
    assert done["ChecksumType"] == kind
    whole = s3.put_object(Bucket=BUCKET, Key="whole", Body=bytes(FIVE) + b"end", ChecksumAlgorithm="CRC32")
    assert (done["ChecksumCRC32"] == whole["ChecksumCRC32"]) is (kind == "FULL_OBJECT")
    assert done["ChecksumCRC32"].endswith("-2") is (kind == "COMPOSITE")
