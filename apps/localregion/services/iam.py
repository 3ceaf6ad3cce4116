"""AWS Identity and Access Management: roles.

https://docs.aws.amazon.com/IAM/latest/APIReference/
"""

import json
import secrets
import time
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from apps.localregion.errors import AwsError
from apps.localregion.region import Region
from apps.localregion.store.documents import Exists

KIND = "role"
ID_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
DEFAULT_SESSION = 3600  # seconds
DEFAULT_PAGE = 100  # roles, and the most that a page may ask for is 1000
KEPT = ("Description", "PermissionsBoundary", "Tags")


def create_role(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Make a role; its trust policy must be JSON."""
    name, path = request["RoleName"], request.get("Path", "/")
    _check_policy(request["AssumeRolePolicyDocument"])
    body = {
        "RoleName": name,
        "Path": path,
        "RoleId": "AROA" + "".join(secrets.choice(ID_ALPHABET) for _ in range(17)),
        "Arn": f"arn:aws:iam::{region.account}:role{path}{name}",
        "AssumeRolePolicyDocument": request["AssumeRolePolicyDocument"],
        "MaxSessionDuration": request.get("MaxSessionDuration", DEFAULT_SESSION),
        "CreationTime": time.time(),
        **{member: request[member] for member in KEPT if request.get(member)},
    }
    try:
        region.documents.insert(KIND, name, body)
    except Exists as error:
        raise AwsError("EntityAlreadyExists", f"Role with name {name} already exists.", 409) from error
    return {"Role": _answered(body)}


def get_role(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """One role; raises AwsError NoSuchEntity."""
    body = region.documents.get(KIND, request["RoleName"])
    if body is None:
        raise _no_such_role(request["RoleName"])
    return {"Role": _answered(body)}


def list_roles(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """A page of the roles by name; as IAM does, without their tags and boundaries."""
    prefix, after = request.get("PathPrefix", "/"), request.get("Marker", "")
    roles = [body for body in region.documents.all(KIND) if body["Path"].startswith(prefix)]
    found = sorted((body for body in roles if body["RoleName"] > after), key=lambda body: str(body["RoleName"]))
    most = request.get("MaxItems", DEFAULT_PAGE)
    page = [_answered(body) for body in found[:most]]
    listed = [{member: role[member] for member in role if member not in KEPT[1:]} for role in page]
    answer: dict[str, Any] = {"Roles": listed, "IsTruncated": len(found) > most}
    return answer | ({"Marker": page[-1]["RoleName"]} if len(found) > most else {})


def delete_role(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Remove a role; raises AwsError NoSuchEntity."""
    if not region.documents.delete(KIND, request["RoleName"]):
        raise _no_such_role(request["RoleName"])
    return {}


def _answered(body: dict[str, Any]) -> dict[str, Any]:
    role = {name: value for name, value in body.items() if name != "CreationTime"}
    role["AssumeRolePolicyDocument"] = quote(body["AssumeRolePolicyDocument"], safe="")  # RFC 3986, as IAM does
    role["CreateDate"] = datetime.fromtimestamp(int(body["CreationTime"]), UTC)
    if "PermissionsBoundary" in body:
        boundary = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": body["PermissionsBoundary"]}
        role["PermissionsBoundary"] = boundary
    return role


def _check_policy(document: str) -> None:
    try:
        well_formed = isinstance(json.loads(document), dict)
    except ValueError:
        well_formed = False
    if not well_formed:
        raise AwsError("MalformedPolicyDocument", "This policy contains invalid Json")


def _no_such_role(name: str) -> AwsError:
    return AwsError("NoSuchEntity", f"The role with name {name} cannot be found.", 404)
