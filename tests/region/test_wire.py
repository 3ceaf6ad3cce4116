"""The protocols as such: what is not well-formed, not known or not allowed is refused in AWS's words."""

import json
import socket
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.region.conftest import RegionProcess
from tests.region.raw import send, signed

JSON = {"Content-Type": "application/x-amz-json-1.1"}


def call_sagemaker(region: RegionProcess, operation: str, body: bytes) -> tuple[int, Any]:
    headers = {**JSON, "X-Amz-Target": f"SageMaker.{operation}"}
    status, _, reply = send(region, "POST", "/", signed(region, "sagemaker", "POST", "/", headers, body), body)
    return status, json.loads(reply)


def test_health_needs_no_signature(region: RegionProcess) -> None:
    status, headers, body = send(region, "GET", "/_health", {})
    assert status == 200
    assert headers["content-type"] == "application/json"
    assert json.loads(body) == {"status": "ok"}


def test_every_broken_constraint_is_named_with_its_path(region: RegionProcess) -> None:
    body = {"TrainingJobName": "no_underscores", "StoppingCondition": {"MaxRuntimeInSeconds": 0}}
    status, reply = call_sagemaker(region, "CreateTrainingJob", json.dumps(body).encode())
    assert status == 400
    assert reply["__type"] == "ValidationException"
    message = reply["message"]
    assert message.startswith("4 validation errors detected: ")
    assert "Value 'no_underscores' at 'trainingJobName' failed to satisfy constraint: Member must satisfy" in message
    assert "regular expression pattern: " in message
    assert "Value null at 'roleArn' failed to satisfy constraint: Member must not be null" in message
    assert (
        "Value '0' at 'stoppingCondition.maxRuntimeInSeconds' failed to satisfy constraint: "
        "Member must have value greater than or equal to 1"
    ) in message


def test_a_long_name_and_an_unknown_word_are_refused(region: RegionProcess) -> None:
    body = json.dumps({"NameContains": "x" * 64, "SortBy": "Colour"}).encode()
    status, reply = call_sagemaker(region, "ListTrainingJobs", body)
    assert status == 400
    assert "'nameContains' failed to satisfy constraint: Member must have length less than" in reply["message"]
    assert "Member must satisfy enum value set: [Name, CreationTime, Status]" in reply["message"]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'"text"',
        b'{"MaxResults": "ten"}',
        b'{"MaxResults": true}',
        b'{"MaxResults": 1.5}',
        b'{"MaxResults": 99999999999}',
        b'{"NameContains": {"a": 1}}',
        b'{"NameContains": "\\ud800"}',
        b'{"CreationTimeAfter": "no time"}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_a_body_that_is_not_of_the_models_types_is_a_serialization_error(region: RegionProcess, body: bytes) -> None:
    status, reply = call_sagemaker(region, "ListTrainingJobs", body)
    assert (status, reply["__type"]) == (400, "SerializationException")


def test_an_unknown_json_operation_is_refused_by_name(region: RegionProcess) -> None:
    for operation in ("MakeCoffee", "__init__", ""):
        status, reply = call_sagemaker(region, operation, b"{}")
        assert (status, reply["__type"]) == (404, "UnknownOperationException")


def test_operations_of_the_model_that_the_region_lacks_are_unknown(client: Callable[..., Any]) -> None:
    with pytest.raises(ClientError) as refused:
        client("sts").get_federation_token(Name="nobody")
    assert refused.value.response["Error"]["Code"] == "InvalidAction"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    with pytest.raises(ClientError) as refused:
        client("s3").list_bucket_inventory_configurations(Bucket="any-bucket")
    assert refused.value.response["Error"]["Code"] == "NotImplemented"


def test_a_service_that_the_region_lacks_is_refused_by_name(client: Callable[..., Any]) -> None:
    with pytest.raises(ClientError) as refused:
        client("dynamodb").list_tables()
    assert refused.value.response["Error"]["Code"] == "UnknownOperationException"
    assert "dynamodb" in refused.value.response["Error"]["Message"]


def test_a_method_that_s3_lacks_is_not_allowed(region: RegionProcess) -> None:
    status, _, body = send(region, "PATCH", "/bucket/key", signed(region, "s3", "PATCH", "/bucket/key"))
    assert status == 405
    assert b"<Code>MethodNotAllowed</Code>" in body


def test_a_path_that_is_not_utf8_is_an_invalid_uri(region: RegionProcess) -> None:
    status, _, body = send(region, "GET", "/bucket/%ff", signed(region, "s3", "GET", "/bucket/%ff"))
    assert status == 400
    assert b"<Code>InvalidURI</Code>" in body


def test_xml_that_is_not_well_formed_is_refused(region: RegionProcess) -> None:
    body = b"<Delete><Object>"
    status, _, reply = send(region, "POST", "/b?delete", signed(region, "s3", "POST", "/b?delete", {}, body), body)
    assert status == 400
    assert b"<Code>MalformedXML</Code>" in reply


def test_a_message_of_more_than_eight_mebibytes_is_refused(region: RegionProcess) -> None:
    body = b" " * (9 << 20)
    status, reply = call_sagemaker(region, "ListTrainingJobs", body)
    assert (status, reply["__type"]) == (400, "EntityTooLarge")


def test_each_answer_has_its_own_request_id(client: Callable[..., Any]) -> None:
    answers = [client("sts").get_caller_identity()["ResponseMetadata"]["RequestId"] for _ in range(3)]
    assert len(set(answers)) == 3


def test_many_clients_at_once_are_all_answered(client: Callable[..., Any]) -> None:
    sts = client("sts")
    accounts: list[str] = []
    threads = [
        threading.Thread(target=lambda: accounts.append(sts.get_caller_identity()["Account"])) for _ in range(24)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert accounts == ["123456789012"] * 24


@settings(max_examples=150, deadline=None)
@given(
    operation=st.sampled_from(["CreateTrainingJob", "ListTrainingJobs", "DescribeTrainingJob", "StopTrainingJob"]),
    body=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["TrainingJobName", "AlgorithmSpecification", "Tags", "Key", "HyperParameters", "MaxResults"]
                )
                | st.text(max_size=5),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    ),
)
def test_no_body_makes_the_region_fail(region: RegionProcess, operation: str, body: Any) -> None:
    status, reply = call_sagemaker(region, operation, json.dumps(body).encode())
    assert status in (200, 400, 404), reply


QUERIES = (
    "list-type", "max-keys", "prefix", "delimiter", "continuation-token", "start-after", "encoding-type", "uploads",
    "uploadId", "partNumber", "max-parts", "part-number-marker", "max-uploads", "key-marker", "upload-id-marker",
    "delete", "location", "versionId", "response-content-type", "response-expires", "marker", "acl", "tagging",
)  # fmt: skip
HEADERS = (
    "Range", "If-Match", "If-None-Match", "If-Modified-Since", "Expires", "Content-MD5", "x-amz-copy-source",
    "x-amz-copy-source-range", "x-amz-checksum-crc32", "x-amz-checksum-mode", "x-amz-metadata-directive",
    "x-amz-storage-class", "x-amz-expected-bucket-owner", "x-amz-acl", "x-amz-meta-a", "x-amz-checksum-algorithm",
)  # fmt: skip
VALUES = st.sampled_from(["", "0", "1", "2", "-1", "9" * 30, "abc", "bytes=0-1", f"bytes={'9' * 30}-", "ENABLED"]) | (
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12)
)
BODIES = st.sampled_from(
    [
        b"",
        b"<a/>",
        b"<Delete><Object><Key>a</Key></Object></Delete>",
        b"<CompleteMultipartUpload><Part><PartNumber>x</PartNumber></Part></CompleteMultipartUpload>",
        b"\x00\xff",
    ]
) | st.binary(max_size=40)


@settings(max_examples=300, deadline=None)
@given(
    method=st.sampled_from(["GET", "HEAD", "PUT", "POST", "DELETE"]),
    path=st.sampled_from(["/", "/fuzzed", "/fuzzed/", "/fuzzed/key", "/fuzzed/absent", "/fuzzed//", "/no-bucket/key"]),
    query=st.dictionaries(st.sampled_from(QUERIES), VALUES | st.just("a\r\nb"), max_size=3),
    headers=st.dictionaries(st.sampled_from(HEADERS), VALUES, max_size=3),
    body=BODIES,
)
def test_no_s3_request_makes_the_region_fail(
    region: RegionProcess, method: str, path: str, query: dict[str, str], headers: dict[str, str], body: bytes
) -> None:
    s3 = region.client("s3")
    s3.create_bucket(Bucket="fuzzed")
    target = f"{path}?{urlencode(query, quote_via=quote)}" if query else path
    status, _, reply = send(region, method, target, signed(region, "s3", method, target, headers, body), body)
    assert status < 500 or status == 501, (status, reply)


def test_a_body_that_ends_early_leaves_the_region_as_it_was(region: RegionProcess) -> None:
    region.client("s3").create_bucket(Bucket="cut-off")
    headers = signed(region, "s3", "PUT", "/cut-off/key", {}, b"x" * 100)
    head = "".join(f"{name}: {value}\r\n" for name, value in {**headers, "Content-Length": "100"}.items())
    with socket.create_connection(("127.0.0.1", region.port), timeout=10) as connection:
        connection.sendall(f"PUT /cut-off/key HTTP/1.1\r\n{head}\r\n".encode() + b"x" * 50)
    assert region.client("s3").list_objects_v2(Bucket="cut-off")["KeyCount"] == 0
    assert send(region, "GET", "/_health", {})[0] == 200


@pytest.mark.parametrize(
    "text", [b"\x16\x03\x01\x02\x00", b"GET\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"]
)
def test_what_is_not_http_is_a_bad_request(region: RegionProcess, text: bytes) -> None:
    with socket.create_connection(("127.0.0.1", region.port), timeout=10) as connection:
        connection.sendall(text)
        assert connection.recv(100).startswith(b"HTTP/1.1 400")
