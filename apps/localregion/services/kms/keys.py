"""kms's keys: made, described, switched, and given up after a waiting time."""

import json
import time
from datetime import UTC, datetime
from typing import Any

from apps.localregion.errors import AwsError
from apps.localregion.region import Region
from apps.localregion.store.documents import Body
from apps.localregion.store.keyring import KEYS

DAY = 24 * 3600
DEFAULT_WINDOW = 30  # days until a key that was given up is gone
DEFAULT_PAGE = 100
USAGE, SPEC = "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT"
DEFAULT_ROTATION = 365  # days
GRANTS = "kms-grant"  # the kind of grants' documents: they go with their key


def create_key(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Make a symmetric key; raises AwsError UnsupportedOperationException for the other kinds."""
    wanted = {
        "KeyUsage": (USAGE,),
        "KeySpec": (SPEC,),
        "CustomerMasterKeySpec": (SPEC,),
        "Origin": ("AWS_KMS",),
        "MultiRegion": (False,),
    }
    for member, possible in wanted.items():
        if request.get(member, possible[0]) not in possible:
            raise AwsError("UnsupportedOperationException", f"{member}={request[member]} is not done by this region.")
    policy = request.get("Policy", "")
    if policy:
        check_policy(policy)
    body = region.objects.keyring.create(request.get("Description", ""), policy, tags_of(request.get("Tags", [])))
    return {"KeyMetadata": _metadata(region, body)}


def describe_key(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """One key, by its id, an alias, or the ARN of either."""
    return {"KeyMetadata": _metadata(region, find(region, request["KeyId"]))}


def list_keys(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """A page of the keys."""
    collect_keys(region)
    found = [{"KeyId": body["KeyId"], "KeyArn": body["Arn"]} for body in region.documents.all(KEYS)]
    return page(request, "Keys", found, "KeyId")


def enable_key(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Let a key encrypt and decrypt again."""
    return _switch(region, request["KeyId"], "Enabled")


def disable_key(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Let a key neither encrypt nor decrypt, until it is enabled."""
    return _switch(region, request["KeyId"], "Disabled")


def schedule_key_deletion(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Give up a key: it is unusable now, and gone after some days."""
    days = request.get("PendingWindowInDays", DEFAULT_WINDOW)
    if not 7 <= days <= DEFAULT_WINDOW:
        raise AwsError("ValidationException", "PendingWindowInDays must be between 7 and 30")
    due = time.time() + days * DAY
    body = change(region, request["KeyId"], {"Status": "PendingDeletion", "DeletionTime": due, "Window": days})
    date = datetime.fromtimestamp(due, UTC)
    members = {"DeletionDate": date, "KeyState": "PendingDeletion", "PendingWindowInDays": days}
    return {"KeyId": body["Arn"], **members}


def cancel_key_deletion(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Keep a key that was given up; it is disabled."""
    body = find(region, request["KeyId"])
    if body["Status"] != "PendingDeletion":
        raise AwsError("KMSInvalidStateException", f"{body['Arn']} is not pending deletion.")
    region.documents.update(KEYS, body["KeyId"], lambda kept: kept | {"Status": "Disabled"})
    return {"KeyId": body["Arn"]}


def update_key_description(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Describe a key anew."""
    change(region, request["KeyId"], {"Description": request["Description"]})
    return {}


def get_key_policy(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """A key's policy; unless another was put, all of the account may use it."""
    policy = find(region, request["KeyId"])["Policy"] or _default_policy(region)
    return {"Policy": policy, "PolicyName": "default"}


def put_key_policy(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Keep a policy for a key."""
    check_policy(request["Policy"])
    change(region, request["KeyId"], {"Policy": request["Policy"]})
    return {}


def list_key_policies(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """The names of a key's policies: always the one."""
    find(region, request["KeyId"])
    return {"PolicyNames": ["default"], "Truncated": False}


def enable_key_rotation(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Keep that a key is to be rotated; its material stays."""
    days = request.get("RotationPeriodInDays", DEFAULT_ROTATION)
    change(region, request["KeyId"], {"Rotation": days, "RotationTime": time.time() + days * DAY})
    return {}


def disable_key_rotation(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Keep that a key is not to be rotated."""
    change(region, request["KeyId"], {"Rotation": 0})
    return {}


def get_key_rotation_status(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Whether a key is to be rotated."""
    body = find(region, request["KeyId"])
    days = body.get("Rotation", 0)
    answer = {"KeyId": body["Arn"], "KeyRotationEnabled": bool(days)}
    if not days:
        return answer
    return answer | {
        "RotationPeriodInDays": days,
        "NextRotationDate": datetime.fromtimestamp(body["RotationTime"], UTC),
    }


def list_resource_tags(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """A page of a key's tags."""
    return page(request, "Tags", find(region, request["KeyId"])["Tags"], "TagKey")


def tag_resource(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Add tags to a key, or change them."""
    body = find(region, request["KeyId"])
    change(region, body["KeyId"], {"Tags": tags_of([*body["Tags"], *request["Tags"]])})
    return {}


def untag_resource(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Remove tags from a key."""
    body = find(region, request["KeyId"])
    kept = [tag for tag in body["Tags"] if tag["TagKey"] not in request["TagKeys"]]
    change(region, body["KeyId"], {"Tags": kept})
    return {}


def find(region: Region, name: str) -> Body:
    """The key; raises AwsError NotFoundException, also when its waiting time is over."""
    collect_keys(region)
    return region.objects.keyring.find(name)


def change(region: Region, name: str, changes: Body) -> Body:
    """Change a key of the account; raises AwsError KMSInvalidStateException for one that was given up."""
    body = find(region, name)
    if body["Status"] == "PendingDeletion":
        raise AwsError("KMSInvalidStateException", f"{body['Arn']} is pending deletion.")
    if body["Manager"] == "AWS":
        raise AwsError("AccessDeniedException", f"{body['Arn']} is managed by AWS.")
    return region.documents.update(KEYS, body["KeyId"], lambda kept: kept | changes) or body


def collect_keys(region: Region) -> None:
    """Remove the keys whose waiting time is over: nobody can read any more what they encrypted."""
    for body in region.documents.all(KEYS, status={"PendingDeletion"}):
        if body["DeletionTime"] <= time.time():
            region.documents.delete(KEYS, body["KeyId"])
            for grant in [*region.documents.all(GRANTS)]:
                if grant["Key"] == body["KeyId"]:
                    region.documents.delete(GRANTS, grant["GrantId"])


def page(request: dict[str, Any], member: str, entries: list[dict[str, Any]], name: str) -> dict[str, Any]:
    """A page of the entries by name, which is also the marker."""
    after, most = request.get("Marker", ""), request.get("Limit", DEFAULT_PAGE)
    left = sorted((entry for entry in entries if entry[name] > after), key=lambda entry: str(entry[name]))
    answer: dict[str, Any] = {member: left[:most], "Truncated": len(left) > most}
    return answer | ({"NextMarker": left[most - 1][name]} if len(left) > most else {})


def tags_of(tags: list[dict[str, str]]) -> list[dict[str, str]]:
    """The tags, the last of a key; raises AwsError TagException."""
    kept = {tag["TagKey"]: tag["TagValue"] for tag in tags}
    if any(key.startswith("aws:") for key in kept):
        raise AwsError("TagException", "Tag keys must not start with aws:")
    return [{"TagKey": key, "TagValue": value} for key, value in kept.items()]


def check_policy(text: str) -> None:
    """Raise AwsError MalformedPolicyDocumentException unless the policy is one."""
    try:
        statements = json.loads(text)["Statement"]
    except (ValueError, KeyError, TypeError) as error:
        raise AwsError("MalformedPolicyDocumentException", "The policy is not well-formed.") from error
    if not statements:
        raise AwsError("MalformedPolicyDocumentException", "The policy has no statements.")


def _switch(region: Region, name: str, status: str) -> dict[str, Any]:
    change(region, name, {"Status": status})
    return {}


def _default_policy(region: Region) -> str:
    statement = {
        "Sid": "Enable IAM User Permissions",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{region.account}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    return json.dumps({"Version": "2012-10-17", "Id": "key-default-1", "Statement": [statement]}, indent=2)


def _metadata(region: Region, body: Body) -> dict[str, Any]:
    metadata = {
        "AWSAccountId": region.account,
        "KeyId": body["KeyId"],
        "Arn": body["Arn"],
        "CreationDate": datetime.fromtimestamp(body["CreationTime"], UTC),
        "Enabled": body["Status"] == "Enabled",
        "Description": body["Description"],
        "KeyUsage": USAGE,
        "KeyState": body["Status"],
        "Origin": "AWS_KMS",
        "KeyManager": body["Manager"],
        "CustomerMasterKeySpec": SPEC,
        "KeySpec": SPEC,
        "EncryptionAlgorithms": [SPEC],
        "MultiRegion": False,
    }
    if body["Status"] == "PendingDeletion":
        metadata["DeletionDate"] = datetime.fromtimestamp(body["DeletionTime"], UTC)
    return metadata
