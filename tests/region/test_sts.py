"""sts, by boto3: who calls, and temporary keys that sign until they expire."""

import json
import sqlite3
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.region.conftest import RegionProcess

ROOT = "arn:aws:iam::123456789012:root"
ROLE = "arn:aws:iam::123456789012:role/assumed"


def trust(principal: dict[str, str]) -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def role(client: Callable[..., Any]) -> str:
    """A role that the account may assume."""
    iam = client("iam")
    try:
        iam.create_role(RoleName="assumed", AssumeRolePolicyDocument=trust({"AWS": ROOT}))
    except iam.exceptions.EntityAlreadyExistsException:
        return ROLE
    return ROLE


def signing(region: RegionProcess, service: str, keys: dict[str, str], token: str | None = None) -> Any:
    """A client that signs with temporary keys."""
    made: Any = boto3.client
    return made(
        service,
        endpoint_url=region.url,
        region_name="us-east-1",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=token if token is not None else keys["SessionToken"],
    )


def refused(call: Callable[..., Any], **members: Any) -> tuple[str, int]:
    with pytest.raises(ClientError) as error:
        call(**members)
    answer: Any = error.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def test_the_caller_is_the_regions_first_user(client: Callable[..., Any]) -> None:
    identity = client("sts").get_caller_identity()
    assert identity["Account"] == "123456789012"
    assert identity["Arn"] == "arn:aws:iam::123456789012:user/local"
    assert identity["UserId"] == client("sts").get_caller_identity()["UserId"]


def test_an_assumed_role_is_who_calls(region: RegionProcess, client: Callable[..., Any], role: str) -> None:
    answer = client("sts").assume_role(RoleArn=role, RoleSessionName="night", DurationSeconds=900)
    keys = answer["Credentials"]
    assert abs(keys["Expiration"] - datetime.now(UTC) - timedelta(seconds=900)) < timedelta(seconds=60)
    identity = signing(region, "sts", keys).get_caller_identity()
    assert identity["Arn"] == "arn:aws:sts::123456789012:assumed-role/assumed/night"
    assert identity["Arn"] == answer["AssumedRoleUser"]["Arn"]
    assert identity["UserId"] == answer["AssumedRoleUser"]["AssumedRoleId"]
    s3 = signing(region, "s3", keys)
    s3.create_bucket(Bucket="by-a-session")
    s3.put_object(Bucket="by-a-session", Key="k", Body=b"1")
    url = s3.generate_presigned_url("get_object", {"Bucket": "by-a-session", "Key": "k"})
    assert fetched(url) == b"1"


def fetched(url: str) -> bytes:
    """What a GET answers."""
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - the region's own address
        body: bytes = answer.read()
        return body


def test_a_session_without_its_token_or_with_another_is_refused(
    region: RegionProcess, client: Callable[..., Any], role: str
) -> None:
    keys = client("sts").assume_role(RoleArn=role, RoleSessionName="night")["Credentials"]
    assert refused(signing(region, "sts", keys, "AAAA").get_caller_identity) == ("InvalidClientTokenId", 403)
    assert refused(signing(region, "s3", keys, "AAAA").list_buckets) == ("InvalidToken", 400)
    assert refused(signing(region, "s3", keys, "").list_buckets) == ("InvalidAccessKeyId", 403)


def test_an_expired_session_is_refused(region: RegionProcess, client: Callable[..., Any], role: str) -> None:
    keys = client("sts").get_session_token(DurationSeconds=900)["Credentials"]
    assert signing(region, "sts", keys).get_caller_identity()["Arn"].endswith(":user/local")
    with sqlite3.connect(region.home / "region.sqlite3", timeout=30) as database:  # time passes
        database.execute(
            "UPDATE documents SET body = json_set(body, '$.Expires', 1) WHERE kind = 'session' AND name = ?",
            (keys["AccessKeyId"],),
        )
    assert refused(signing(region, "sts", keys).get_caller_identity) == ("ExpiredToken", 403)
    assert refused(signing(region, "s3", keys).list_buckets) == ("ExpiredToken", 400)


def test_roles_that_trust_somebody_else_or_are_not_there_are_not_assumed(
    region: RegionProcess, client: Callable[..., Any], role: str
) -> None:
    sts = client("sts")
    service = trust({"Service": "sagemaker.amazonaws.com"})
    arn = client("iam").create_role(RoleName="of-a-service", AssumeRolePolicyDocument=service)["Role"]["Arn"]
    for wanted in (arn, "arn:aws:iam::123456789012:role/absent"):
        assert refused(sts.assume_role, RoleArn=wanted, RoleSessionName="night") == ("AccessDenied", 403)
    long = {"RoleArn": role, "RoleSessionName": "night", "DurationSeconds": 7200}
    assert refused(sts.assume_role, **long) == ("ValidationError", 400)
    keys = sts.assume_role(RoleArn=role, RoleSessionName="night")["Credentials"]
    assert refused(signing(region, "sts", keys).get_session_token) == ("AccessDenied", 403)


def test_a_keys_account_is_told(region: RegionProcess, client: Callable[..., Any]) -> None:
    assert client("sts").get_access_key_info(AccessKeyId=region.keys()[0])["Account"] == "123456789012"
    wrong = {"AccessKeyId": "not-a-key-at-all-0000"}
    assert refused(client("sts").get_access_key_info, **wrong) == ("ValidationError", 400)
