"""kms's aliases: other names for keys."""

import time
from datetime import UTC, datetime
from typing import Any

from apps.localregion.errors import AwsError
from apps.localregion.region import Region
from apps.localregion.services.kms.keys import find, page
from apps.localregion.store.documents import Body, Exists
from apps.localregion.store.keyring import ALIASES, ARN


def create_alias(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Give a key a name."""
    name, key = _name(request), _target(region, request)
    now = time.time()
    body = {"AliasName": name, "KeyId": key["KeyId"], "CreationTime": now, "LastModifiedTime": now}
    try:
        region.documents.insert(ALIASES, name, body)
    except Exists as error:
        message = f"An alias with the name {ARN}{name} already exists"
        raise AwsError("AlreadyExistsException", message) from error
    return {}


def update_alias(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Give the name to another key."""
    changes = {"KeyId": _target(region, request)["KeyId"], "LastModifiedTime": time.time()}
    if region.documents.update(ALIASES, _name(request), lambda body: body | changes) is None:
        raise _absent(request["AliasName"])
    return {}


def delete_alias(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Take a name away."""
    if not region.documents.delete(ALIASES, _name(request)):
        raise _absent(request["AliasName"])
    return {}


def list_aliases(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """A page of all names, or those of a key."""
    only = find(region, request["KeyId"])["KeyId"] if "KeyId" in request else None
    found = [_told(body) for body in region.documents.all(ALIASES) if only in (None, body["KeyId"])]
    return page(request, "Aliases", found, "AliasName")


def _name(request: dict[str, Any]) -> str:
    name: str = request["AliasName"]
    if not name.startswith("alias/") or name == "alias/":
        raise AwsError("ValidationException", 'Alias must start with the prefix "alias/" and name something.')
    if name.startswith("alias/aws/"):
        raise AwsError("NotAuthorizedException", "Aliases that start with alias/aws/ are reserved by AWS.")
    return name


def _target(region: Region, request: dict[str, Any]) -> Body:
    if "alias/" in request["TargetKeyId"]:
        raise AwsError("ValidationException", "Aliases must refer to keys. Not aliases")
    body = find(region, request["TargetKeyId"])
    if body["Status"] == "PendingDeletion":
        raise AwsError("KMSInvalidStateException", f"{body['Arn']} is pending deletion.")
    return body


def _told(body: Body) -> dict[str, Any]:
    return {
        "AliasName": body["AliasName"],
        "AliasArn": f"{ARN}{body['AliasName']}",
        "TargetKeyId": body["KeyId"],
        "CreationDate": datetime.fromtimestamp(body["CreationTime"], UTC),
        "LastUpdatedDate": datetime.fromtimestamp(body["LastModifiedTime"], UTC),
    }


def _absent(name: str) -> AwsError:
    return AwsError("NotFoundException", f"Alias {ARN}{name} is not found.")
