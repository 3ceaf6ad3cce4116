"""IAM's instance profiles: a role in an envelope."""

from typing import Any

from apps.localregion.errors import AwsError
from apps.localregion.region import Region
from apps.localregion.services.iam.holders import PROFILES, ROLES, moment, page, tags
from apps.localregion.services.iam.roles import answered
from apps.localregion.store.documents import Body


def create_instance_profile(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Make an empty profile."""
    return {"InstanceProfile": _answered(region, PROFILES.create(region, request, {"Roles": []}))}


def get_instance_profile(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """One profile with its role."""
    body = PROFILES.require(region, request["InstanceProfileName"])
    return {"InstanceProfile": _answered(region, body)}


def list_instance_profiles(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """A page of the profiles by name."""
    prefix = request.get("PathPrefix", "/")
    return _page(region, request, lambda body: body["Path"].startswith(prefix))


def list_instance_profiles_for_role(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """A page of the profiles that have a role."""
    ROLES.require(region, request["RoleName"])
    return _page(region, request, lambda body: request["RoleName"] in body["Roles"])


def add_role_to_instance_profile(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Put a role into a profile, which holds one; raises AwsError LimitExceeded."""
    role = request["RoleName"]
    ROLES.require(region, role)

    def add(body: Body) -> None:
        if body["Roles"]:
            raise AwsError("LimitExceeded", "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1", 409)
        body["Roles"].append(role)

    PROFILES.change(region, request["InstanceProfileName"], add)
    return {}


def remove_role_from_instance_profile(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Take a role out of a profile."""

    def remove(body: Body) -> None:
        if request["RoleName"] not in body["Roles"]:
            raise ROLES.absent(request["RoleName"])
        body["Roles"].remove(request["RoleName"])

    PROFILES.change(region, request["InstanceProfileName"], remove)
    return {}


def delete_instance_profile(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Remove an empty profile; raises AwsError DeleteConflict."""
    name = request["InstanceProfileName"]
    if PROFILES.require(region, name)["Roles"]:
        message = "Cannot delete entity, must remove roles from instance profile first."
        raise AwsError("DeleteConflict", message, 409)
    region.documents.delete(PROFILES.kind, name)
    return {}


def _page(region: Region, request: dict[str, Any], wanted: Any) -> dict[str, Any]:
    found = [_answered(region, body) for body in region.documents.all(PROFILES.kind) if wanted(body)]
    for profile in found:
        profile.pop("Tags", None)
    return page(request, "InstanceProfiles", found, lambda profile: str(profile["InstanceProfileName"]))


def _answered(region: Region, body: Body) -> dict[str, Any]:
    roles = [role for name in body["Roles"] if (role := region.documents.get("role", name))]
    return {
        "Path": body["Path"],
        "InstanceProfileName": body["InstanceProfileName"],
        "InstanceProfileId": body["Id"],
        "Arn": body["Arn"],
        "CreateDate": moment(body["CreationTime"]),
        "Roles": [answered(role) for role in roles],
        **tags(body),
    }
