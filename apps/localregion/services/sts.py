"""AWS Security Token Service: who the caller is, and temporary keys.

https://docs.aws.amazon.com/STS/latest/APIReference/
"""

import re
from datetime import UTC, datetime
from typing import Any

from apps.localregion.credentials import AccessKey, keep_session
from apps.localregion.errors import AwsError
from apps.localregion.identity import Identity
from apps.localregion.region import Region
from apps.localregion.services.iam.evaluation import trusts
from apps.localregion.services.iam.holders import check_policy

ROLE_SESSION = 3600  # seconds, unless asked otherwise
TOKEN_SESSION = 12 * 3600
CHAINED_SESSION = 3600  # the longest of a role assumed by a role's session
CHAINED = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining"
TOO_LONG = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
ROLE_ARN = re.compile(r"arn:aws[\w-]*:iam::(\d{12}):role/(?:.*/)?([\w+=,.@-]+)")
KEY_ID = re.compile(r"(AKIA|ASIA)[A-Z2-7]{16}")


def get_caller_identity(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """The user or the session whose key signed the request."""
    return {"UserId": region.caller.user_id, "Account": region.account, "Arn": region.caller.arn}


def assume_role(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """A temporary key for a role of iam; raises AwsError AccessDenied when it is none, as AWS does."""
    arn, name, account = request["RoleArn"], request["RoleSessionName"], region.account
    match = ROLE_ARN.fullmatch(arn)
    role = region.documents.get("role", match[2]) if match and match[1] == account else None
    if role is None or role["Arn"] != arn or not trusts(role["AssumeRolePolicyDocument"], region.caller.arn, account):
        message = f"User: {region.caller.arn} is not authorized to perform: sts:AssumeRole on resource: {arn}"
        raise AwsError("AccessDenied", message, 403)
    seconds = request.get("DurationSeconds", ROLE_SESSION)
    longest = CHAINED_SESSION if region.caller.kind == "AssumedRole" else role["MaxSessionDuration"]
    if seconds > longest:
        raise AwsError("ValidationError", CHAINED if region.caller.kind == "AssumedRole" else TOO_LONG)
    if "Policy" in request:
        check_policy(request["Policy"])
    identity = Identity(f"arn:aws:sts::{account}:assumed-role/{role['RoleName']}/{name}", f"{role['Id']}:{name}", "")
    key = keep_session(region.documents, identity, seconds)
    return {
        "Credentials": _credentials(key),
        "AssumedRoleUser": {"AssumedRoleId": identity.user_id, "Arn": identity.arn},
    }


def get_session_token(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """A temporary key for the calling user; raises AwsError AccessDenied for who is a session already."""
    if region.caller.access_key.startswith("ASIA"):
        raise AwsError("AccessDenied", "Cannot call GetSessionToken with session credentials", 403)
    seconds = request.get("DurationSeconds", TOKEN_SESSION)
    return {"Credentials": _credentials(keep_session(region.documents, region.caller, seconds))}


def get_access_key_info(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """The account that a key belongs to: as AWS does, from the form of its id alone."""
    if not KEY_ID.fullmatch(request["AccessKeyId"]):
        raise AwsError("ValidationError", f"Invalid AccessKeyId: {request['AccessKeyId']}")
    return {"Account": region.account}


def _credentials(key: AccessKey) -> dict[str, Any]:
    return {
        "AccessKeyId": key.access_key,
        "SecretAccessKey": key.secret_key,
        "SessionToken": key.token,
        "Expiration": datetime.fromtimestamp(int(key.expires or 0), UTC),
    }
