"""SigV4: what is signed with the region's key is let in; everything else gets AWS's own error, by protocol."""

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.region.conftest import RegionProcess
from tests.region.raw import send, signed

V4 = Config(signature_version="s3v4")
SERVICES = {
    "sagemaker": "list_training_jobs",
    "logs": "describe_log_groups",
    "sts": "get_caller_identity",
    "iam": "list_roles",
    "s3": "list_buckets",
}
WRONG_SECRET = {
    "sagemaker": ("InvalidSignatureException", 400),
    "logs": ("InvalidSignatureException", 400),
    "sts": ("SignatureDoesNotMatch", 403),
    "iam": ("SignatureDoesNotMatch", 403),
    "s3": ("SignatureDoesNotMatch", 403),
}
UNKNOWN_KEY = {
    "sagemaker": ("UnrecognizedClientException", 400),
    "logs": ("UnrecognizedClientException", 400),
    "sts": ("InvalidClientTokenId", 403),
    "iam": ("InvalidClientTokenId", 403),
    "s3": ("InvalidAccessKeyId", 403),
}


def refusal(region: RegionProcess, service: str, access_key: str, secret_key: str) -> tuple[str, int]:
    session: Any = boto3.Session(access_key, secret_key, region_name="us-east-1")
    with pytest.raises(ClientError) as refused:
        getattr(session.client(service, endpoint_url=region.url), SERVICES[service])()
    answer: Any = refused.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


@pytest.mark.parametrize("service", SERVICES)
def test_a_wrong_secret_is_refused_in_the_services_words(region: RegionProcess, service: str) -> None:
    assert refusal(region, service, region.keys()[0], "x" * 40) == WRONG_SECRET[service]


@pytest.mark.parametrize("service", SERVICES)
def test_an_unknown_key_is_refused_in_the_services_words(region: RegionProcess, service: str) -> None:
    assert refusal(region, service, "AKIA" + "A" * 16, region.keys()[1]) == UNKNOWN_KEY[service]


@pytest.mark.parametrize(
    ("headers", "body", "code"),
    [
        ({"X-Amz-Target": "SageMaker.ListTrainingJobs"}, b"{}", "MissingAuthenticationTokenException"),
        ({"Content-Type": "application/x-www-form-urlencoded"}, b"Action=ListRoles", "MissingAuthenticationToken"),
        ({}, b"", "AccessDenied"),
        (
            {"X-Amz-Target": "SageMaker.ListTrainingJobs", "Authorization": "AWS4-HMAC-SHA256 Credential=x"},
            b"{}",
            "IncompleteSignatureException",
        ),
        ({"Authorization": "Bearer abc"}, b"", "AuthorizationHeaderMalformed"),
    ],
)
def test_no_signature_or_half_of_one_is_refused(
    region: RegionProcess, headers: Mapping[str, str], body: bytes, code: str
) -> None:
    status, _, reply = send(region, "POST", "/", headers, body)
    assert status in (400, 403)
    assert re.search(rf"\b{code}\b", reply.decode())


def test_beside_the_health_and_status_pages_nothing_is_open(region: RegionProcess) -> None:
    for target in ("/_health/", "/_healthy", "/", "/_status/"):
        assert send(region, "GET", target, {})[0] == 403
    assert send(region, "PUT", "/_health", {})[0] == 403


def test_a_changed_body_path_query_or_header_breaks_the_signature(region: RegionProcess) -> None:
    headers = signed(region, "s3", "PUT", "/changed/key?x=1", {"x-amz-meta-a": "1"}, b"body")
    assert b"NoSuchBucket" in send(region, "PUT", "/changed/key?x=1", headers, b"body")[2]
    assert b"SignatureDoesNotMatch" in send(region, "PUT", "/changed/kez?x=1", headers, b"body")[2]
    assert b"SignatureDoesNotMatch" in send(region, "PUT", "/changed/key?x=2", headers, b"body")[2]
    assert b"SignatureDoesNotMatch" in send(region, "POST", "/changed/key?x=1", headers, b"body")[2]
    changed = {**headers, "x-amz-meta-a": "2"}
    assert b"SignatureDoesNotMatch" in send(region, "PUT", "/changed/key?x=1", changed, b"body")[2]


def test_a_changed_message_breaks_the_signature(region: RegionProcess) -> None:
    target = {"X-Amz-Target": "SageMaker.ListTrainingJobs", "Content-Type": "application/x-amz-json-1.1"}
    headers = signed(region, "sagemaker", "POST", "/", target, b'{"MaxResults": 1}')
    assert send(region, "POST", "/", headers, b'{"MaxResults": 1}')[0] == 200
    status, _, reply = send(region, "POST", "/", headers, b'{"MaxResults": 2}')
    assert (status, json.loads(reply)["__type"]) == (400, "InvalidSignatureException")


def test_a_declared_hash_does_not_stand_in_for_a_messages_body(region: RegionProcess) -> None:
    honest, forged = b'{"MaxResults": 1}', b'{"MaxResults": 2}'
    declared = {
        "X-Amz-Target": "SageMaker.ListTrainingJobs",
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Content-SHA256": hashlib.sha256(honest).hexdigest(),
    }
    headers = signed(region, "sagemaker", "POST", "/", declared, honest)
    assert send(region, "POST", "/", headers, honest)[0] == 200
    status, _, reply = send(region, "POST", "/", headers, forged)
    assert (status, json.loads(reply)["__type"]) == (400, "InvalidSignatureException")


def test_an_objects_body_must_have_the_signed_hash(region: RegionProcess, client: Callable[..., Any]) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="hashed")
    headers = signed(region, "s3", "PUT", "/hashed/key", {}, b"right")
    status, _, reply = send(region, "PUT", "/hashed/key", headers, b"wrong")
    assert status == 400
    assert b"XAmzContentSHA256Mismatch" in reply
    assert s3.list_objects_v2(Bucket="hashed")["KeyCount"] == 0


def test_an_unsigned_amz_header_is_refused(region: RegionProcess) -> None:
    headers = signed(region, "s3", "GET", "/bucket/key")
    status, _, reply = send(region, "GET", "/bucket/key", {**headers, "x-amz-meta-sneaked": "in"})
    assert status == 403
    assert b"x-amz-meta-sneaked" in reply


def test_another_region_in_the_scope_is_refused(region: RegionProcess) -> None:
    headers = signed(region, "s3", "GET", "/", scope_region="eu-west-1")
    status, _, reply = send(region, "GET", "/", headers)
    assert status == 400
    assert b"the region 'eu-west-1' is wrong" in reply


@pytest.mark.parametrize("minutes", [-16, 16])
def test_a_clock_that_is_off_by_more_than_15_minutes_is_refused(
    region: RegionProcess, monkeypatch: pytest.MonkeyPatch, minutes: int
) -> None:
    moment = datetime.now(UTC) + timedelta(minutes=minutes)
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: moment)
    status, _, reply = send(region, "GET", "/", signed(region, "s3", "GET", "/"))
    assert status == 403
    assert b"RequestTimeTooSkewed" in reply


def test_keys_with_every_kind_of_character_are_signed_alike(client: Callable[..., Any]) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="characters")
    keys = ["a b", "a+b", "a%20b", "a//b", "/a", "../a", "./a", "a/", "ü/ß~!*'()", "q?x=1&y", "#h", "=;:@,$", "\x01"]
    for key in keys:
        s3.put_object(Bucket="characters", Key=key, Body=key.encode())
    assert sorted(keys) == [item["Key"] for item in s3.list_objects_v2(Bucket="characters")["Contents"]]
    for key in keys:
        assert s3.get_object(Bucket="characters", Key=key)["Body"].read() == key.encode()


@pytest.mark.parametrize("config", [V4, None], ids=["version 4", "version 2, boto3's default"])
def test_presigned_urls_get_and_put(region: RegionProcess, config: Config | None) -> None:
    s3 = region.client("s3", config)
    s3.create_bucket(Bucket="presigned")
    target = {"Bucket": "presigned", "Key": "some key"}
    put, get = (urlsplit(s3.generate_presigned_url(name, target)) for name in ("put_object", "get_object"))
    assert send(region, "PUT", f"{put.path}?{put.query}", {}, b"by url")[0] == 200
    assert send(region, "GET", f"{get.path}?{get.query}", {})[2] == b"by url"
    assert s3.get_object(**target)["Body"].read() == b"by url"


@pytest.mark.parametrize("config", [V4, None], ids=["version 4", "version 2"])
def test_a_presigned_url_holds_for_one_key_one_method_and_its_time(
    region: RegionProcess, config: Config | None
) -> None:
    s3 = region.client("s3", config)
    url = urlsplit(s3.generate_presigned_url("get_object", {"Bucket": "presigned", "Key": "one"}, ExpiresIn=60))
    assert b"SignatureDoesNotMatch" in send(region, "GET", f"/presigned/two?{url.query}", {})[2]
    assert b"SignatureDoesNotMatch" in send(region, "PUT", f"{url.path}?{url.query}", {}, b"x")[2]
    later = re.sub(r"Expires=(\d+)", lambda match: f"Expires={int(match[1]) + 60}", url.query)
    assert b"SignatureDoesNotMatch" in send(region, "GET", f"{url.path}?{later}", {})[2]


def test_an_expired_presigned_url_is_refused(region: RegionProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = datetime.now(UTC) - timedelta(hours=2)
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: moment)
    parameters = {"Bucket": "presigned", "Key": "old"}
    url = urlsplit(region.client("s3", V4).generate_presigned_url("get_object", parameters, ExpiresIn=3600))
    status, _, reply = send(region, "GET", f"{url.path}?{url.query}", {})
    assert status == 403
    assert b"<Message>Request has expired</Message>" in reply


def chunk_chain(region: RegionProcess, headers: Mapping[str, str]) -> Callable[[str, str], str]:
    """Signs chunks as the AWS documentation has it, each signature over the one before."""
    timestamp = headers["X-Amz-Date"]
    scope = f"{timestamp[:8]}/us-east-1/s3/aws4_request"
    key = f"AWS4{region.keys()[1]}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    last = [headers["Authorization"].rpartition("Signature=")[2]]

    def sign(algorithm: str, digests: str) -> str:
        text = f"AWS4-HMAC-SHA256-{algorithm}\n{timestamp}\n{scope}\n{last[0]}\n{digests}"
        last[0] = hmac.new(key, text.encode(), "sha256").hexdigest()
        return last[0]

    return sign


def chunked(sign: Callable[[str, str], str], *pieces: bytes) -> bytes:
    empty = hashlib.sha256().hexdigest()
    made = b""
    for piece in (*pieces, b""):
        signature = sign("PAYLOAD", f"{empty}\n{hashlib.sha256(piece).hexdigest()}")
        made += f"{len(piece):x};chunk-signature={signature}\r\n".encode() + piece + b"\r\n" * bool(piece)
    return made


def streaming_headers(region: RegionProcess, kind: str, length: int, trailer: str = "") -> dict[str, str]:
    headers = {"x-amz-decoded-content-length": str(length), "content-encoding": "aws-chunked"}
    if trailer:
        headers["x-amz-trailer"] = trailer
    return signed(region, "s3", "PUT", "/chunked/key", headers, payload_hash=kind)


def test_signed_chunks_are_decoded_and_each_signature_checked(
    region: RegionProcess, client: Callable[..., Any]
) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="chunked")
    headers = streaming_headers(region, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", 70_003)
    body = chunked(chunk_chain(region, headers), b"a" * 70_000, b"end") + b"\r\n"
    assert send(region, "PUT", "/chunked/key", headers, body)[0] == 200
    found = s3.get_object(Bucket="chunked", Key="key")
    assert found["Body"].read() == b"a" * 70_000 + b"end"
    assert "ContentEncoding" not in found
    tampered = body.replace(b"end", b"END")
    assert b"SignatureDoesNotMatch" in send(region, "PUT", "/chunked/key", headers, tampered)[2]
    cut = body[:-2]
    assert b"IncompleteBody" in send(region, "PUT", "/chunked/key", headers, cut)[2]
    assert s3.get_object(Bucket="chunked", Key="key")["Body"].read().endswith(b"end")


def test_signed_trailers_are_checked(region: RegionProcess, client: Callable[..., Any]) -> None:
    client("s3").create_bucket(Bucket="chunked")
    kind = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
    headers = streaming_headers(region, kind, 11, "x-amz-checksum-crc32")
    sign = chunk_chain(region, headers)
    body = chunked(sign, b"hello world")
    line = "x-amz-checksum-crc32:DUoRhQ=="
    signature = sign("TRAILER", hashlib.sha256(f"{line}\n".encode()).hexdigest())
    end = f"{line}\r\nx-amz-trailer-signature:{signature}\r\n\r\n".encode()
    status, answered, _ = send(region, "PUT", "/chunked/key", headers, body + end)
    assert (status, answered["x-amz-checksum-crc32"]) == (200, "DUoRhQ==")
    forged = end.replace(b"DUoRhQ==", b"AAAAAA==")
    assert b"SignatureDoesNotMatch" in send(region, "PUT", "/chunked/key", headers, body + forged)[2]


def test_unsigned_chunks_with_a_trailing_checksum_are_checked(
    region: RegionProcess, client: Callable[..., Any]
) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="chunked")
    headers = streaming_headers(region, "STREAMING-UNSIGNED-PAYLOAD-TRAILER", 11, "x-amz-checksum-crc32")
    body = b"6\r\nhello \r\n5\r\nworld\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n"
    assert send(region, "PUT", "/chunked/trailer", signed_again(region, headers), body)[0] == 200
    assert s3.get_object(Bucket="chunked", Key="trailer")["Body"].read() == b"hello world"
    wrong = body.replace(b"DUoRhQ==", b"AAAAAA==")
    assert b"BadDigest" in send(region, "PUT", "/chunked/trailer", signed_again(region, headers), wrong)[2]
    short = signed_again(region, {**headers, "x-amz-decoded-content-length": "12"})
    assert b"IncompleteBody" in send(region, "PUT", "/chunked/trailer", short, body)[2]
    sneaked = body.replace(b"x-amz-checksum-crc32:", b"x-amz-meta-sneaked:in\r\nx-amz-checksum-crc32:")
    assert (
        b"MalformedTrailerError" in send(region, "PUT", "/chunked/trailer", signed_again(region, headers), sneaked)[2]
    )
    for broken in (b"zz\r\n", b"6\r\nhello world\r\n", body + b"more", b"0" * 5000):
        status = send(region, "PUT", "/chunked/trailer", signed_again(region, headers), broken)[0]
        assert status == 400


def signed_again(region: RegionProcess, headers: Mapping[str, str]) -> dict[str, str]:
    kept = ("x-amz-decoded-content-length", "content-encoding", "x-amz-trailer")
    chosen = {name: headers[name] for name in kept}
    kind = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
    return signed(region, "s3", "PUT", "/chunked/trailer", chosen, payload_hash=kind)


def test_a_large_body_under_a_wrong_signature_is_refused_and_not_kept(region: RegionProcess) -> None:
    body = b"x" * (40 << 20)
    headers = signed(region, "s3", "PUT", "/bucket/large", {}, body)
    status, _, reply = send(region, "PUT", "/bucket/other", headers, body)
    assert status == 403
    assert b"SignatureDoesNotMatch" in reply
    assert not list((region.home / "blobs" / "drafts").iterdir())
