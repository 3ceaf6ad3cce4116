"""iam, by boto3."""

import json
import uuid
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.region.conftest import RegionProcess

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
READING = {
    "Version": "2012-10-17",
    "Statement": [
        {"Sid": "read", "Effect": "Allow", "Action": ["s3:Get*", "s3:List*"], "Resource": "arn:aws:s3:::data/*"},
        {"Sid": "never", "Effect": "Deny", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/secret/*"},
    ],
}
FULL_ACCESS = "arn:aws:iam::aws:policy/AmazonSageMakerFullAccess"


@pytest.fixture
def iam(client: Callable[..., Any]) -> Any:
    return client("iam")


@pytest.fixture
def role(iam: Any) -> str:
    """A new role's name."""
    name = f"role-{uuid.uuid4().hex[:8]}"
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    return name


def refused(call: Callable[..., Any], **members: Any) -> tuple[str, int]:
    with pytest.raises(ClientError) as error:
        call(**members)
    answer: Any = error.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def test_a_role_that_nobody_made_is_no_such_entity(iam: Any) -> None:
    assert refused(iam.get_role, RoleName="nobody-made-me") == ("NoSuchEntity", 404)


def test_a_role_is_made_found_listed_changed_and_deleted(iam: Any) -> None:
    members = {"RoleName": "trainer", "Path": "/ml/", "AssumeRolePolicyDocument": json.dumps(TRUST)}
    made = iam.create_role(**members, Tags=[{"Key": "a", "Value": "b"}])["Role"]
    assert made["Arn"] == "arn:aws:iam::123456789012:role/ml/trainer"
    found = iam.get_role(RoleName="trainer")["Role"]
    found.pop("RoleLastUsed", None)
    assert found == made
    assert (found["AssumeRolePolicyDocument"], found["Tags"]) == (TRUST, [{"Key": "a", "Value": "b"}])
    assert [entry["RoleName"] for entry in iam.list_roles(PathPrefix="/ml/")["Roles"]] == ["trainer"]
    assert refused(iam.create_role, **members) == ("EntityAlreadyExists", 409)
    iam.update_role(RoleName="trainer", Description="trains", MaxSessionDuration=7200)
    changed = {**TRUST, "Version": "2008-10-17"}
    iam.update_assume_role_policy(RoleName="trainer", PolicyDocument=json.dumps(changed))
    found = iam.get_role(RoleName="trainer")["Role"]
    assert (found["Description"], found["MaxSessionDuration"]) == ("trains", 7200)
    assert found["AssumeRolePolicyDocument"] == changed
    iam.delete_role(RoleName="trainer")
    assert refused(iam.delete_role, RoleName="trainer") == ("NoSuchEntity", 404)


def test_roles_are_listed_page_by_page(iam: Any) -> None:
    for number in range(3):
        iam.create_role(RoleName=f"p{number}", Path="/paged/", AssumeRolePolicyDocument=json.dumps(TRUST))
    pages = [*iam.get_paginator("list_roles").paginate(PathPrefix="/paged/", PaginationConfig={"PageSize": 2})]
    assert [[entry["RoleName"] for entry in page["Roles"]] for page in pages] == [["p0", "p1"], ["p2"]]


def test_what_is_no_policy_is_malformed(iam: Any, role: str) -> None:
    assert refused(iam.create_role, RoleName="bad", AssumeRolePolicyDocument="{") == ("MalformedPolicyDocument", 400)
    lame = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*"}]})
    put = {"RoleName": role, "PolicyName": "p", "PolicyDocument": lame}
    assert refused(iam.put_role_policy, **put) == ("MalformedPolicyDocument", 400)


def test_a_name_outside_the_model_is_a_validation_error(iam: Any) -> None:
    with pytest.raises(ClientError) as error:
        iam.get_role(RoleName="not a role name")
    answer = error.value.response["Error"]
    assert answer["Code"] == "ValidationError"
    assert answer["Message"].startswith("1 validation error detected: Value 'not a role name' at 'roleName' failed")


def test_a_role_has_inline_policies(iam: Any, role: str) -> None:
    iam.put_role_policy(RoleName=role, PolicyName="reading", PolicyDocument=json.dumps(READING))
    assert iam.list_role_policies(RoleName=role)["PolicyNames"] == ["reading"]
    assert iam.get_role_policy(RoleName=role, PolicyName="reading")["PolicyDocument"] == READING
    assert refused(iam.delete_role, RoleName=role) == ("DeleteConflict", 409)
    iam.delete_role_policy(RoleName=role, PolicyName="reading")
    assert refused(iam.get_role_policy, RoleName=role, PolicyName="reading") == ("NoSuchEntity", 404)
    iam.delete_role(RoleName=role)


def test_policies_of_aws_and_of_ones_own_are_attached(iam: Any, role: str) -> None:
    document = json.dumps(READING)
    arn = iam.create_policy(PolicyName=f"own-{role}", PolicyDocument=document, Description="d")["Policy"]["Arn"]
    for policy in (FULL_ACCESS, arn, arn):
        iam.attach_role_policy(RoleName=role, PolicyArn=policy)
    attached = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    assert {entry["PolicyArn"] for entry in attached} == {FULL_ACCESS, arn}
    assert iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 1
    assert [entry["RoleName"] for entry in iam.list_entities_for_policy(PolicyArn=arn)["PolicyRoles"]] == [role]
    assert refused(iam.delete_policy, PolicyArn=arn) == ("DeleteConflict", 409)
    absent = "arn:aws:iam::123456789012:policy/absent"
    assert refused(iam.attach_role_policy, RoleName=role, PolicyArn=absent) == ("NoSuchEntity", 404)
    assert refused(iam.detach_role_policy, RoleName=role, PolicyArn=absent) == ("NoSuchEntity", 404)
    iam.detach_role_policy(RoleName=role, PolicyArn=arn)
    iam.delete_policy(PolicyArn=arn)
    assert refused(iam.get_policy, PolicyArn=arn) == ("NoSuchEntity", 404)
    assert "AmazonSageMakerFullAccess" in {p["PolicyName"] for p in iam.list_policies(Scope="AWS")["Policies"]}


def test_a_policy_has_versions(iam: Any) -> None:
    arn = iam.create_policy(PolicyName="versioned", PolicyDocument=json.dumps(READING))["Policy"]["Arn"]
    second = {**READING, "Version": "2008-10-17"}
    made = iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(second), SetAsDefault=True)
    assert made["PolicyVersion"]["VersionId"] == "v2"
    assert iam.get_policy_version(PolicyArn=arn, VersionId="v2")["PolicyVersion"]["Document"] == second
    assert refused(iam.delete_policy_version, PolicyArn=arn, VersionId="v2") == ("DeleteConflict", 409)
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v1")
    iam.delete_policy_version(PolicyArn=arn, VersionId="v2")
    versions = iam.list_policy_versions(PolicyArn=arn)["Versions"]
    assert [(version["VersionId"], version["IsDefaultVersion"]) for version in versions] == [("v1", True)]


def test_tags_are_added_changed_and_removed(iam: Any, role: str) -> None:
    iam.tag_role(RoleName=role, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    iam.tag_role(RoleName=role, Tags=[{"Key": "a", "Value": "3"}])
    iam.untag_role(RoleName=role, TagKeys=["b"])
    assert iam.list_role_tags(RoleName=role)["Tags"] == [{"Key": "a", "Value": "3"}]


def test_an_instance_profile_holds_one_role(iam: Any, role: str) -> None:
    name = {"InstanceProfileName": f"profile-{role}"}
    iam.create_instance_profile(**name)
    iam.add_role_to_instance_profile(**name, RoleName=role)
    assert refused(iam.add_role_to_instance_profile, **name, RoleName=role) == ("LimitExceeded", 409)
    found = iam.get_instance_profile(**name)["InstanceProfile"]
    assert [held["RoleName"] for held in found["Roles"]] == [role]
    assert len(iam.list_instance_profiles_for_role(RoleName=role)["InstanceProfiles"]) == 1
    assert refused(iam.delete_role, RoleName=role) == ("DeleteConflict", 409)
    assert refused(iam.delete_instance_profile, **name) == ("DeleteConflict", 409)
    iam.remove_role_from_instance_profile(**name, RoleName=role)
    iam.delete_instance_profile(**name)
    assert refused(iam.get_instance_profile, **name) == ("NoSuchEntity", 404)


def test_a_users_key_signs_until_it_is_inactive_or_gone(iam: Any, region: RegionProcess) -> None:
    iam.create_user(UserName="mira", Path="/team/")
    key = iam.create_access_key(UserName="mira")["AccessKey"]
    made: Any = boto3.client
    signing = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
    sts = made("sts", endpoint_url=region.url, region_name="us-east-1", **signing)
    assert sts.get_caller_identity()["Arn"] == "arn:aws:iam::123456789012:user/team/mira"
    listed = iam.list_access_keys(UserName="mira")["AccessKeyMetadata"]
    assert [(entry["AccessKeyId"], entry["Status"]) for entry in listed] == [(key["AccessKeyId"], "Active")]
    named = {"UserName": "mira", "AccessKeyId": key["AccessKeyId"]}
    iam.update_access_key(**named, Status="Inactive")
    assert refused(sts.get_caller_identity) == ("InvalidClientTokenId", 403)
    iam.update_access_key(**named, Status="Active")
    assert sts.get_caller_identity()["Account"] == "123456789012"
    assert refused(iam.delete_user, UserName="mira") == ("DeleteConflict", 409)
    iam.delete_access_key(**named)
    assert refused(sts.get_caller_identity) == ("InvalidClientTokenId", 403)
    iam.delete_user(UserName="mira")
    assert refused(iam.get_user, UserName="mira") == ("NoSuchEntity", 404)
    assert iam.get_user()["User"]["UserName"] == "local"


def test_a_user_has_policies_tags_and_a_boundary(iam: Any) -> None:
    iam.create_user(UserName="ada", PermissionsBoundary=FULL_ACCESS, Tags=[{"Key": "a", "Value": "1"}])
    found = iam.get_user(UserName="ada")["User"]
    assert found["PermissionsBoundary"]["PermissionsBoundaryArn"] == FULL_ACCESS
    assert "ada" in {user["UserName"] for user in iam.list_users()["Users"]}
    iam.put_user_policy(UserName="ada", PolicyName="reading", PolicyDocument=json.dumps(READING))
    assert iam.get_user_policy(UserName="ada", PolicyName="reading")["PolicyDocument"] == READING
    assert iam.list_user_policies(UserName="ada")["PolicyNames"] == ["reading"]
    iam.attach_user_policy(UserName="ada", PolicyArn=FULL_ACCESS)
    assert [p["PolicyArn"] for p in iam.list_attached_user_policies(UserName="ada")["AttachedPolicies"]] == [
        FULL_ACCESS
    ]
    assert [u["UserName"] for u in iam.list_entities_for_policy(PolicyArn=FULL_ACCESS)["PolicyUsers"]] == ["ada"]
    # the boundary, which allows SageMaker's reading of S3 only, does not bound what it allows too
    assert simulated(iam, found["Arn"], "s3:ListBucket", "arn:aws:s3:::data/a")["EvalDecision"] == "allowed"
    assert simulated(iam, found["Arn"], "iam:CreateUser", "*")["EvalDecision"] == "implicitDeny"
    iam.tag_user(UserName="ada", Tags=[{"Key": "b", "Value": "2"}])
    iam.untag_user(UserName="ada", TagKeys=["a"])
    assert iam.list_user_tags(UserName="ada")["Tags"] == [{"Key": "b", "Value": "2"}]
    iam.detach_user_policy(UserName="ada", PolicyArn=FULL_ACCESS)
    iam.delete_user_policy(UserName="ada", PolicyName="reading")
    iam.delete_user(UserName="ada")


def test_policies_and_profiles_are_tagged_and_roles_bounded_and_described(iam: Any, role: str) -> None:
    tags = [{"Key": "a", "Value": "1"}]
    arn = iam.create_policy(PolicyName=f"tagged-{role}", PolicyDocument=json.dumps(READING))["Policy"]["Arn"]
    iam.tag_policy(PolicyArn=arn, Tags=tags)
    assert iam.list_policy_tags(PolicyArn=arn)["Tags"] == tags
    iam.untag_policy(PolicyArn=arn, TagKeys=["a"])
    assert iam.list_policy_tags(PolicyArn=arn)["Tags"] == []
    profile = {"InstanceProfileName": f"tagged-{role}"}
    iam.create_instance_profile(**profile)
    assert profile["InstanceProfileName"] in {
        found["InstanceProfileName"] for found in iam.list_instance_profiles()["InstanceProfiles"]
    }
    iam.tag_instance_profile(**profile, Tags=tags)
    assert iam.list_instance_profile_tags(**profile)["Tags"] == tags
    iam.untag_instance_profile(**profile, TagKeys=["a"])
    assert iam.list_instance_profile_tags(**profile)["Tags"] == []
    iam.put_role_permissions_boundary(RoleName=role, PermissionsBoundary=arn)
    assert iam.get_role(RoleName=role)["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == arn
    iam.delete_role_permissions_boundary(RoleName=role)
    assert "PermissionsBoundary" not in iam.get_role(RoleName=role)["Role"]
    assert iam.update_role_description(RoleName=role, Description="d")["Role"]["Description"] == "d"


def simulated(iam: Any, arn: str, action: str, resource: str, **members: Any) -> Any:
    answer = iam.simulate_principal_policy(
        PolicySourceArn=arn, ActionNames=[action], ResourceArns=[resource], **members
    )
    return answer["EvaluationResults"][0]


def test_the_simulator_weighs_allow_deny_and_silence(iam: Any, role: str) -> None:
    arn = iam.get_role(RoleName=role)["Role"]["Arn"]
    iam.put_role_policy(RoleName=role, PolicyName="reading", PolicyDocument=json.dumps(READING, indent=1))
    allowed = simulated(iam, arn, "s3:GetObject", "arn:aws:s3:::data/a.csv")
    assert allowed["EvalDecision"] == "allowed"
    assert [entry["SourcePolicyId"] for entry in allowed["MatchedStatements"]] == ["reading"]
    assert allowed["MatchedStatements"][0]["StartPosition"] == {"Line": 4, "Column": 3}
    assert simulated(iam, arn, "s3:GetObject", "arn:aws:s3:::data/secret/a")["EvalDecision"] == "explicitDeny"
    assert simulated(iam, arn, "s3:PutObject", "arn:aws:s3:::data/a.csv")["EvalDecision"] == "implicitDeny"
    assert simulated(iam, arn, "S3:listbucket", "arn:aws:s3:::data/a")["EvalDecision"] == "allowed"
    iam.attach_role_policy(RoleName=role, PolicyArn=FULL_ACCESS)
    assert simulated(iam, arn, "sagemaker:CreateTrainingJob", "*")["EvalDecision"] == "allowed"
    bound = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}})
    bounded = {"PermissionsBoundaryPolicyInputList": [bound]}
    assert simulated(iam, arn, "sagemaker:CreateTrainingJob", "*", **bounded)["EvalDecision"] == "implicitDeny"
    absent = "arn:aws:iam::123456789012:role/absent"
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        simulated(iam, absent, "s3:GetObject", "*")


@pytest.mark.parametrize(
    ("condition", "context", "decision"),
    [
        ({"StringEquals": {"aws:RequestTag/team": "ml"}}, {"aws:RequestTag/team": "ml"}, "allowed"),
        ({"StringEquals": {"aws:RequestTag/team": "ml"}}, {"aws:RequestTag/team": "web"}, "implicitDeny"),
        ({"StringEquals": {"aws:RequestTag/team": "ml"}}, {}, "implicitDeny"),
        ({"StringEqualsIfExists": {"aws:RequestTag/team": "ml"}}, {}, "allowed"),
        ({"StringNotLike": {"s3:prefix": ["private/*"]}}, {"s3:prefix": "private/a"}, "implicitDeny"),
        ({"StringLike": {"s3:prefix": ["a/*", "b?"]}}, {"s3:prefix": "bx"}, "allowed"),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}}, {"aws:SourceArn": "arn:aws:s3:::b"}, "allowed"),
        ({"Bool": {"aws:SecureTransport": True}}, {"aws:SecureTransport": "false"}, "implicitDeny"),
        ({"Null": {"aws:RequestTag/team": "true"}}, {}, "allowed"),
        ({"NumericLessThan": {"s3:max-keys": "10"}}, {"s3:max-keys": "5"}, "allowed"),
        ({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, {"aws:SourceIp": "10.1.2.3"}, "allowed"),
    ],
)
def test_conditions_are_weighed(iam: Any, condition: Any, context: dict[str, str], decision: str) -> None:
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": condition}
    entries = [
        {"ContextKeyName": key, "ContextKeyValues": [value], "ContextKeyType": "string"}
        for key, value in context.items()
    ]
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    answer = iam.simulate_custom_policy(
        PolicyInputList=[document], ActionNames=["s3:ListBucket"], ContextEntries=entries
    )
    result = answer["EvaluationResults"][0]
    assert result["EvalDecision"] == decision
    assert bool(result["MissingContextValues"]) is not bool(context)


def test_a_new_region_has_the_role_that_jobs_run_as(iam: Any) -> None:
    role = iam.get_role(RoleName="mlconsole-execution")["Role"]
    assert role["AssumeRolePolicyDocument"] == TRUST
    attached = iam.list_attached_role_policies(RoleName="mlconsole-execution")["AttachedPolicies"]
    assert [policy["PolicyArn"] for policy in attached] == [FULL_ACCESS]
    asked = {"PolicySourceArn": role["Arn"], "ActionNames": ["sagemaker:CreateTrainingJob"]}
    decisions = iam.simulate_principal_policy(**asked)["EvaluationResults"]
    assert [decision["EvalDecision"] for decision in decisions] == ["allowed"]


def test_a_group_is_made_filled_listed_and_deleted(iam: Any) -> None:
    made = iam.create_group(GroupName="scientists", Path="/ml/")["Group"]
    assert made["Arn"] == "arn:aws:iam::123456789012:group/ml/scientists"
    assert refused(iam.create_group, GroupName="scientists") == ("EntityAlreadyExists", 409)
    for name in ("ada", "grace"):
        iam.create_user(UserName=name)
        iam.add_user_to_group(GroupName="scientists", UserName=name)
    iam.add_user_to_group(GroupName="scientists", UserName="ada")
    found = iam.get_group(GroupName="scientists")
    assert found["Group"] == made
    assert [user["UserName"] for user in found["Users"]] == ["ada", "grace"]
    assert iam.list_groups(PathPrefix="/ml/")["Groups"] == [made]
    assert iam.list_groups_for_user(UserName="ada")["Groups"] == [made]
    assert refused(iam.delete_group, GroupName="scientists") == ("DeleteConflict", 409)
    assert refused(iam.delete_user, UserName="ada") == ("DeleteConflict", 409)
    for name in ("ada", "grace"):
        iam.remove_user_from_group(GroupName="scientists", UserName=name)
        iam.delete_user(UserName=name)
    assert refused(iam.remove_user_from_group, GroupName="scientists", UserName="ada") == ("NoSuchEntity", 404)
    assert refused(iam.add_user_to_group, GroupName="scientists", UserName="ada") == ("NoSuchEntity", 404)
    iam.delete_group(GroupName="scientists")
    assert refused(iam.get_group, GroupName="scientists") == ("NoSuchEntity", 404)


def test_a_groups_policies_are_its_users(iam: Any) -> None:
    iam.create_group(GroupName="readers")
    iam.create_user(UserName="alan")
    iam.add_user_to_group(GroupName="readers", UserName="alan")
    iam.put_group_policy(GroupName="readers", PolicyName="reading", PolicyDocument=json.dumps(READING))
    iam.attach_group_policy(GroupName="readers", PolicyArn=FULL_ACCESS)
    assert iam.list_group_policies(GroupName="readers")["PolicyNames"] == ["reading"]
    assert iam.get_group_policy(GroupName="readers", PolicyName="reading")["PolicyDocument"] == READING
    attached = iam.list_attached_group_policies(GroupName="readers")["AttachedPolicies"]
    assert [policy["PolicyArn"] for policy in attached] == [FULL_ACCESS]
    named = iam.list_entities_for_policy(PolicyArn=FULL_ACCESS, EntityFilter="Group")["PolicyGroups"]
    assert [group["GroupName"] for group in named] == ["readers"]
    for arn in ("user/alan", "group/readers"):
        decided = iam.simulate_principal_policy(
            PolicySourceArn=f"arn:aws:iam::123456789012:{arn}",
            ActionNames=["s3:GetObject", "sagemaker:CreateTrainingJob", "ec2:RunInstances"],
            ResourceArns=["arn:aws:s3:::data/a"],
        )["EvaluationResults"]
        assert [each["EvalDecision"] for each in decided] == ["allowed", "allowed", "implicitDeny"]
    assert refused(iam.delete_group, GroupName="readers") == ("DeleteConflict", 409)
    iam.delete_group_policy(GroupName="readers", PolicyName="reading")
    iam.detach_group_policy(GroupName="readers", PolicyArn=FULL_ACCESS)
    iam.remove_user_from_group(GroupName="readers", UserName="alan")
    iam.delete_user(UserName="alan")
    iam.delete_group(GroupName="readers")
