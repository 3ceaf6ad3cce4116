"""IAM's roles."""

from typing import Any
from urllib.parse import quote

from apps.localregion.errors import AwsError
from apps.localregion.region import Region
from apps.localregion.services.iam.holders import (
    PROFILES,
    ROLES,
    boundary,
    check_policy,
    moment,
    page,
    tags,
)
from apps.localregion.store.documents import Body

DEFAULT_SESSION = 3600  # seconds


def create_role(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Make a role; its trust policy must be a policy."""
    check_policy(request["AssumeRolePolicyDocument"])
    body = {
        "AssumeRolePolicyDocument": request["AssumeRolePolicyDocument"],
        "MaxSessionDuration": request.get("MaxSessionDuration", DEFAULT_SESSION),
        "Description": request.get("Description", ""),
        "PermissionsBoundary": request.get("PermissionsBoundary", ""),
        "Inline": {},
        "Attached": [],
    }
    return {"Role": answered(ROLES.create(region, request, body))}


def get_role(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """One role; raises AwsError NoSuchEntity."""
    return {"Role": answered(ROLES.require(region, request["RoleName"])) | {"RoleLastUsed": {}}}


def list_roles(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """A page of the roles by name; as IAM does, without their tags and boundaries."""
    prefix = request.get("PathPrefix", "/")
    found = [answered(body) for body in region.documents.all("role") if body["Path"].startswith(prefix)]
    for role in found:
        role.pop("Tags", None)
        role.pop("PermissionsBoundary", None)
    return page(request, "Roles", found, lambda role: str(role["RoleName"]))


def update_role(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Change a role's description or its longest session."""
    given: Body = {name: request[name] for name in ("Description", "MaxSessionDuration") if name in request}
    ROLES.change(region, request["RoleName"], lambda body: body.update(given))
    return {}


def update_role_description(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Change a role's description."""
    text = request["Description"]
    return {"Role": answered(ROLES.change(region, request["RoleName"], lambda body: body.update(Description=text)))}


def update_assume_role_policy(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Change who may assume a role."""
    document = request["PolicyDocument"]
    check_policy(document)
    ROLES.change(region, request["RoleName"], lambda body: body.update(AssumeRolePolicyDocument=document))
    return {}


def put_role_permissions_boundary(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Set the policy that bounds what a role's policies may allow."""
    arn = request["PermissionsBoundary"]
    ROLES.change(region, request["RoleName"], lambda body: body.update(PermissionsBoundary=arn))
    return {}


def delete_role_permissions_boundary(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Take a role's boundary away."""
    ROLES.change(region, request["RoleName"], lambda body: body.update(PermissionsBoundary=""))
    return {}


def delete_role(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Remove a role without policies that is in no instance profile; raises AwsError DeleteConflict, NoSuchEntity."""
    name = request["RoleName"]
    body = ROLES.require(region, name)
    if any(name in profile["Roles"] for profile in region.documents.all(PROFILES.kind)):
        message = "Cannot delete entity, must remove roles from instance profile first."
        raise AwsError("DeleteConflict", message, 409)
    refuse_with_policies(body)
    region.documents.delete("role", name)
    return {}


def refuse_with_policies(body: Body) -> None:
    """Raise AwsError DeleteConflict for a role or user that still has policies."""
    if body["Attached"]:
        raise AwsError("DeleteConflict", "Cannot delete entity, must detach all policies first.", 409)
    if body["Inline"]:
        raise AwsError("DeleteConflict", "Cannot delete entity, must delete policies first.", 409)


def answered(body: Body) -> dict[str, Any]:
    """A role as IAM tells it."""
    role = {
        "Path": body["Path"],
        "RoleName": body["RoleName"],
        "RoleId": body["Id"],
        "Arn": body["Arn"],
        "CreateDate": moment(body["CreationTime"]),
        "AssumeRolePolicyDocument": quote(body["AssumeRolePolicyDocument"], safe=""),  # RFC 3986, as IAM does
        "MaxSessionDuration": body["MaxSessionDuration"],
    }
    described = {"Description": body["Description"]} if body["Description"] else {}
    return role | described | boundary(body) | tags(body)
