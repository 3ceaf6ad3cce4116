"""CloudTrail's event history, by boto3: what was called, by whom, on what, and what came of it."""

import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.region.conftest import RegionProcess


@pytest.fixture
def trail(client: Callable[..., Any]) -> Any:
    """A boto3 client."""
    return client("cloudtrail")


def found(trail: Any, key: str, value: str) -> list[dict[str, Any]]:
    """Every event with the attribute, newest first."""
    attributes = [{"AttributeKey": key, "AttributeValue": value}]
    pages = trail.get_paginator("lookup_events").paginate(LookupAttributes=attributes)
    return [event for page in pages for event in page["Events"]]


def new_group(client: Callable[..., Any]) -> str:
    """Make a log group; answers its name."""
    name = f"/trail/{uuid.uuid4()}"
    client("logs").create_log_group(logGroupName=name, tags={"team": "a"})
    return name


def test_a_call_is_kept_with_its_caller_its_parameters_and_what_it_named(
    trail: Any, client: Callable[..., Any], region: RegionProcess
) -> None:
    before = datetime.now(UTC) - timedelta(seconds=2)
    name = new_group(client)
    (event,) = found(trail, "ResourceName", name)
    assert (event["EventName"], event["EventSource"]) == ("CreateLogGroup", "logs.amazonaws.com")
    assert (event["Username"], event["ReadOnly"], event["AccessKeyId"]) == ("local", "false", region.keys()[0])
    assert event["Resources"] == [{"ResourceType": "AWS::Logs::LogGroup", "ResourceName": name}]
    assert before <= event["EventTime"] <= datetime.now(UTC)
    record = json.loads(event["CloudTrailEvent"])
    assert record["requestParameters"] == {"logGroupName": name, "tags": {"team": "a"}}
    assert record["userIdentity"]["arn"] == client("sts").get_caller_identity()["Arn"]
    assert (record["eventID"], record["eventCategory"]) == (event["EventId"], "Management")
    assert record["sourceIPAddress"] == "127.0.0.1"
    assert "errorCode" not in record


def test_a_refused_call_is_kept_with_its_error(trail: Any, client: Callable[..., Any]) -> None:
    role = f"absent-{uuid.uuid4()}"
    with pytest.raises(ClientError):
        client("iam").delete_role(RoleName=role)
    (event,) = found(trail, "ResourceName", role)
    record = json.loads(event["CloudTrailEvent"])
    assert record["errorCode"] == "NoSuchEntity"
    assert role in record["errorMessage"]
    assert record["responseElements"] is None


def test_reading_and_the_objects_themselves_are_no_management_events(trail: Any, client: Callable[..., Any]) -> None:
    bucket = f"trail-{uuid.uuid4()}"
    s3 = client("s3")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="k", Body=b"bytes")
    s3.get_object(Bucket=bucket, Key="k")
    s3.delete_object(Bucket=bucket, Key="k")
    s3.delete_bucket(Bucket=bucket)
    deleted, created = found(trail, "ResourceName", bucket)
    assert (deleted["EventName"], created["EventName"]) == ("DeleteBucket", "CreateBucket")
    assert json.loads(created["CloudTrailEvent"])["requestParameters"] == {"bucketName": bucket}
    assert created["Resources"] == [{"ResourceType": "AWS::S3::Bucket", "ResourceName": bucket}]


def test_events_are_found_by_each_attribute(trail: Any, client: Callable[..., Any], region: RegionProcess) -> None:
    (event,) = found(trail, "ResourceName", new_group(client))
    for key, value in {
        "EventId": event["EventId"],
        "EventName": "CreateLogGroup",
        "EventSource": "logs.amazonaws.com",
        "ResourceType": "AWS::Logs::LogGroup",
        "Username": "local",
        "AccessKeyId": region.keys()[0],
        "ReadOnly": "false",
    }.items():
        assert event in found(trail, key, value), key
        assert event not in found(trail, key, "something-else"), key


def test_pages_join_to_the_whole_newest_first(trail: Any, client: Callable[..., Any]) -> None:
    for _ in range(3):
        new_group(client)
    whole = found(trail, "EventName", "CreateLogGroup")
    pages = [*trail.get_paginator("lookup_events").paginate(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "CreateLogGroup"}],
        PaginationConfig={"PageSize": 2},
    )]  # fmt: skip
    assert len(pages) > 1
    assert [event for page in pages for event in page["Events"]] == whole
    times = [event["EventTime"] for event in whole]
    assert times == sorted(times, reverse=True)
    assert len({event["EventId"] for event in whole}) == len(whole)


def test_a_range_of_time_bounds_the_events(trail: Any, client: Callable[..., Any]) -> None:
    new_group(client)
    now = datetime.now(UTC)
    assert trail.lookup_events(StartTime=now - timedelta(minutes=5), EndTime=now)["Events"]
    assert trail.lookup_events(StartTime=now - timedelta(hours=9), EndTime=now - timedelta(hours=8))["Events"] == []


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"StartTime": datetime(2026, 2, 2, tzinfo=UTC), "EndTime": datetime(2026, 1, 1, tzinfo=UTC)},
         "InvalidTimeRangeException"),
        ({"NextToken": "forged"}, "InvalidNextTokenException"),
        ({"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "a"}] * 2},
         "InvalidLookupAttributesException"),
    ],
)  # fmt: skip
def test_what_cannot_be_looked_up_is_refused_by_name(trail: Any, request_: dict[str, Any], code: str) -> None:
    with pytest.raises(ClientError) as refused:
        trail.lookup_events(**request_)
    assert refused.value.response["Error"]["Code"] == code


def test_secrets_are_hidden_from_the_trail(trail: Any, client: Callable[..., Any]) -> None:
    user = f"user-{uuid.uuid4()}"
    iam = client("iam")
    iam.create_user(UserName=user)
    key = iam.create_access_key(UserName=user)["AccessKey"]
    role = f"role-{uuid.uuid4()}"
    iam.create_role(RoleName=role, AssumeRolePolicyDocument='{"Version": "2012-10-17", "Statement": []}')
    (event,) = [each for each in found(trail, "ResourceName", user) if each["EventName"] == "CreateAccessKey"]
    shown = json.loads(event["CloudTrailEvent"])["responseElements"]["accessKey"]
    assert (shown["accessKeyId"], shown["userName"]) == (key["AccessKeyId"], user)
    assert shown["secretAccessKey"] == "HIDDEN_DUE_TO_SECURITY_REASONS"
    assert key["SecretAccessKey"] not in event["CloudTrailEvent"]


def test_a_session_of_a_role_is_told_with_its_role(
    trail: Any, client: Callable[..., Any], region: RegionProcess
) -> None:
    role, session = f"role-{uuid.uuid4()}", f"session-{uuid.uuid4().hex[:8]}"
    trust = {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    arn = client("iam").create_role(RoleName=role, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    keys = client("sts").assume_role(RoleArn=arn, RoleSessionName=session)["Credentials"]
    make: Any = boto3.client
    logs = make(
        "logs",
        endpoint_url=region.url,
        region_name="us-east-1",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )
    logs.create_log_group(logGroupName=f"/{session}")
    (event,) = found(trail, "Username", session)
    who = json.loads(event["CloudTrailEvent"])["userIdentity"]
    assert (event["EventName"], who["type"]) == ("CreateLogGroup", "AssumedRole")
    assert who["sessionContext"]["sessionIssuer"]["arn"] == arn
    (assumed,) = found(trail, "ResourceName", arn)
    assert (assumed["EventName"], assumed["ReadOnly"]) == ("AssumeRole", "true")
    assert keys["SessionToken"] not in assumed["CloudTrailEvent"]
    assert keys["SecretAccessKey"] not in assumed["CloudTrailEvent"]
