"""sts and iam, by boto3."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def test_the_caller_is_the_regions_one_user(client: Callable[..., Any]) -> None:
    identity = client("sts").get_caller_identity()
    assert identity["Account"] == "123456789012"
    assert identity["Arn"] == "arn:aws:iam::123456789012:user/local"
    assert identity["UserId"] == client("sts").get_caller_identity()["UserId"]


def test_a_role_that_nobody_made_is_no_such_entity(client: Callable[..., Any]) -> None:
    iam = client("iam")
    with pytest.raises(iam.exceptions.NoSuchEntityException) as refused:
        iam.get_role(RoleName="nobody-made-me")
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_a_role_is_made_found_listed_and_deleted(client: Callable[..., Any]) -> None:
    iam = client("iam")
    made = iam.create_role(
        RoleName="trainer", Path="/ml/", AssumeRolePolicyDocument=json.dumps(TRUST), Tags=[{"Key": "a", "Value": "b"}]
    )["Role"]
    assert made["Arn"] == "arn:aws:iam::123456789012:role/ml/trainer"
    found = iam.get_role(RoleName="trainer")["Role"]
    assert found == made
    assert found["AssumeRolePolicyDocument"] == TRUST
    assert found["Tags"] == [{"Key": "a", "Value": "b"}]
    listed = iam.list_roles(PathPrefix="/ml/")["Roles"]
    assert [role["RoleName"] for role in listed] == ["trainer"]
    with pytest.raises(iam.exceptions.EntityAlreadyExistsException):
        iam.create_role(RoleName="trainer", AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.delete_role(RoleName="trainer")
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.delete_role(RoleName="trainer")


def test_a_trust_policy_that_is_no_json_is_malformed(client: Callable[..., Any]) -> None:
    iam = client("iam")
    with pytest.raises(iam.exceptions.MalformedPolicyDocumentException):
        iam.create_role(RoleName="bad", AssumeRolePolicyDocument="{")


def test_a_name_outside_the_model_is_a_validation_error(client: Callable[..., Any]) -> None:
    with pytest.raises(ClientError) as refused:
        client("iam").get_role(RoleName="not a role name")
    error = refused.value.response["Error"]
    assert error["Code"] == "ValidationError"
    assert error["Message"].startswith("1 validation error detected: Value 'not a role name' at 'roleName' failed")
