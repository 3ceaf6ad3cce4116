"""The protocols as such: what is not well-formed, not known or not allowed is refused in AWS's words."""

import json
import threading
from collections.abc import Callable
from typing import Any

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
        client("sts").get_session_token()
    assert refused.value.response["Error"]["Code"] == "InvalidAction"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    with pytest.raises(ClientError) as refused:
        client("s3").get_bucket_website(Bucket="any-bucket")
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
