"""IAM's users and their access keys."""

import time
from typing import Any

from apps.localregion.credentials import ACCESS_KEYS, new_key_id, new_secret
from apps.localregion.errors import AwsError
from apps.localregion.region import Region
from apps.localregion.services.iam.holders import GROUPS, USERS, boundary, moment, page, tags
from apps.localregion.services.iam.roles import refuse_with_policies
from apps.localregion.store.documents import Body

MOST_KEYS = 2  # of one user, IAM's quota


def create_user(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Make a user, without keys."""
    body = {"PermissionsBoundary": request.get("PermissionsBoundary", ""), "Inline": {}, "Attached": []}
    return {"User": answered(USERS.create(region, request, body))}


def get_user(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """One user; the calling one unless named."""
    return {"User": answered(USERS.require(region, _name(region, request)))}


def list_users(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """A page of the users by name; as IAM does, without their tags and boundaries."""
    prefix = request.get("PathPrefix", "/")
    found = [answered(body) for body in region.documents.all("user") if body["Path"].startswith(prefix)]
    for user in found:
        user.pop("Tags", None)
        user.pop("PermissionsBoundary", None)
    return page(request, "Users", found, lambda user: str(user["UserName"]))


def delete_user(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Remove a user who has neither keys, policies nor groups; raises AwsError DeleteConflict, NoSuchEntity."""
    name = request["UserName"]
    body = USERS.require(region, name)
    if _keys(region, name):
        raise AwsError("DeleteConflict", "Cannot delete entity, must delete access keys first.", 409)
    if any(name in group["Users"] for group in region.documents.all(GROUPS.kind)):
        raise AwsError("DeleteConflict", "Cannot delete entity, must remove users from group first.", 409)
    refuse_with_policies(body)
    region.documents.delete("user", name)
    return {}


def create_access_key(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Make a key for a user, and tell its secret this once."""
    name = _name(region, request)
    USERS.require(region, name)
    if len(_keys(region, name)) >= MOST_KEYS:
        raise AwsError("LimitExceeded", f"Cannot exceed quota for AccessKeysPerUser: {MOST_KEYS}", 409)
    key: Body = {
        "UserName": name,
        "AccessKeyId": new_key_id("AKIA"),
        "Status": "Active",
        "SecretAccessKey": new_secret(),
        "CreationTime": time.time(),
    }
    region.documents.insert(ACCESS_KEYS, key["AccessKeyId"], key)
    return {"AccessKey": _metadata(key) | {"SecretAccessKey": key["SecretAccessKey"]}}


def list_access_keys(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """A page of a user's keys, without their secrets."""
    name = _name(region, request)
    USERS.require(region, name)
    found = [_metadata(key) for key in _keys(region, name)]
    return page(request, "AccessKeyMetadata", found, lambda key: str(key["AccessKeyId"]))


def update_access_key(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Make a key active or inactive: from the next request on it is refused."""
    _require_key(region, request)
    region.documents.update(ACCESS_KEYS, request["AccessKeyId"], lambda key: key | {"Status": request["Status"]})
    return {}


def delete_access_key(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Remove a key."""
    _require_key(region, request)
    region.documents.delete(ACCESS_KEYS, request["AccessKeyId"])
    return {}


def _require_key(region: Region, request: dict[str, Any]) -> None:
    key = region.documents.get(ACCESS_KEYS, request["AccessKeyId"])
    if key is None or key["UserName"] != _name(region, request):
        message = f"The Access Key with id {request['AccessKeyId']} cannot be found."
        raise AwsError("NoSuchEntity", message, 404)


def _name(region: Region, request: dict[str, Any]) -> str:
    """The named user, or the calling one; raises AwsError for a role's session, which is no user."""
    name: str = request.get("UserName") or region.caller.user_name
    if not name:
        raise AwsError("ValidationError", "Must specify userName when calling with non-User credentials")
    return name


def _keys(region: Region, name: str) -> list[Body]:
    return [key for key in region.documents.all(ACCESS_KEYS) if key["UserName"] == name]


def _metadata(key: Body) -> dict[str, Any]:
    members = ("UserName", "AccessKeyId", "Status")
    return {name: key[name] for name in members} | {"CreateDate": moment(key["CreationTime"])}


def answered(body: Body) -> dict[str, Any]:
    """A user as IAM tells it."""
    user = {"Path": body["Path"], "UserName": body["UserName"], "UserId": body["Id"], "Arn": body["Arn"]}
    return user | {"CreateDate": moment(body["CreationTime"])} | boundary(body) | tags(body)
