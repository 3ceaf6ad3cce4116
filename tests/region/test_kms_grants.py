"""kms's grants, by boto3."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

ROLE = "arn:aws:iam::123456789012:role/mlconsole-execution"


@pytest.fixture
def kms(client: Callable[..., Any]) -> Any:
    """A boto3 client."""
    return client("kms")


@pytest.fixture
def key(kms: Any) -> dict[str, Any]:
    """A new key."""
    found: dict[str, Any] = kms.create_key()["KeyMetadata"]
    return found


def refused(call: Callable[..., Any], **members: Any) -> str:
    with pytest.raises(ClientError) as error:
        call(**members)
    return str(error.value.response["Error"]["Code"])


def test_a_grant_is_listed_as_it_was_made(kms: Any, key: dict[str, Any]) -> None:
    context = {"EncryptionContextSubset": {"job": "one"}}
    terms = {"GranteePrincipal": ROLE, "RetiringPrincipal": ROLE, "Operations": ["Decrypt"], "Constraints": context}
    made = kms.create_grant(KeyId=key["KeyId"], Name="jobs", **terms)
    again = kms.create_grant(KeyId=key["Arn"], Name="jobs", **terms)
    assert again["GrantId"] == made["GrantId"]
    other = kms.create_grant(KeyId=key["KeyId"], **terms)["GrantId"]
    assert other != made["GrantId"]
    pages = [*kms.get_paginator("list_grants").paginate(KeyId=key["KeyId"], PaginationConfig={"PageSize": 1})]
    assert {grant["GrantId"] for page in pages for grant in page["Grants"]} == {made["GrantId"], other}
    (found,) = kms.list_grants(KeyId=key["KeyId"], GrantId=made["GrantId"])["Grants"]
    assert found.pop("CreationDate") is not None
    assert found == {
        **terms,
        "Name": "jobs",
        "KeyId": key["Arn"],
        "GrantId": made["GrantId"],
        "IssuingAccount": "arn:aws:iam::123456789012:root",
    }
    retirable = kms.list_retirable_grants(RetiringPrincipal=ROLE)["Grants"]
    assert {made["GrantId"], other} <= {grant["GrantId"] for grant in retirable}


def test_a_grant_is_revoked_or_retired(kms: Any, key: dict[str, Any]) -> None:
    terms = {"KeyId": key["KeyId"], "GranteePrincipal": ROLE, "Operations": ["Encrypt", "Decrypt"]}
    first, second, third = (kms.create_grant(**terms) for _ in range(3))
    kms.revoke_grant(KeyId=key["KeyId"], GrantId=first["GrantId"])
    kms.retire_grant(GrantToken=second["GrantToken"])
    kms.retire_grant(KeyId=key["Arn"], GrantId=third["GrantId"])
    assert kms.list_grants(KeyId=key["KeyId"])["Grants"] == []
    assert refused(kms.revoke_grant, KeyId=key["KeyId"], GrantId=first["GrantId"]) == "NotFoundException"
    assert refused(kms.retire_grant, GrantToken="forged") == "InvalidGrantTokenException"
    assert refused(kms.retire_grant, KeyId=key["Arn"]) == "ValidationException"


def test_a_key_that_is_not_to_be_used_is_granted_to_nobody(kms: Any, key: dict[str, Any]) -> None:
    terms = {"KeyId": key["KeyId"], "GranteePrincipal": ROLE, "Operations": ["Decrypt"]}
    assert refused(kms.create_grant, **terms, DryRun=True) == "DryRunOperationException"
    assert refused(kms.create_grant, KeyId=key["KeyId"], Operations=["Decrypt"]) == "ValidationException"
    kms.disable_key(KeyId=key["KeyId"])
    assert refused(kms.create_grant, **terms) == "DisabledException"
    kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)
    assert refused(kms.create_grant, **terms) == "KMSInvalidStateException"
