"""Tags of IAM's roles, users, policies and instance profiles."""

from typing import Any

from apps.localregion.errors import AwsError
from apps.localregion.region import Region
from apps.localregion.services.iam.holders import POLICIES, PROFILES, ROLES, USERS, Kind, page
from apps.localregion.store.documents import Body

MOST_TAGS = 50


def tag_role(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Add tags to a role, or change them."""
    return _tag(region, ROLES, request["RoleName"], request)


def untag_role(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Remove tags from a role."""
    return _untag(region, ROLES, request["RoleName"], request)


def list_role_tags(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """A page of a role's tags."""
    return _list(region, ROLES, request["RoleName"], request)


def tag_user(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Add tags to a user, or change them."""
    return _tag(region, USERS, request["UserName"], request)


def untag_user(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Remove tags from a user."""
    return _untag(region, USERS, request["UserName"], request)


def list_user_tags(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """A page of a user's tags."""
    return _list(region, USERS, request["UserName"], request)


def tag_policy(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Add tags to a policy, or change them."""
    return _tag(region, POLICIES, request["PolicyArn"], request)


def untag_policy(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Remove tags from a policy."""
    return _untag(region, POLICIES, request["PolicyArn"], request)


def list_policy_tags(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """A page of a policy's tags."""
    return _list(region, POLICIES, request["PolicyArn"], request)


def tag_instance_profile(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Add tags to an instance profile, or change them."""
    return _tag(region, PROFILES, request["InstanceProfileName"], request)


def untag_instance_profile(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Remove tags from an instance profile."""
    return _untag(region, PROFILES, request["InstanceProfileName"], request)


def list_instance_profile_tags(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """A page of an instance profile's tags."""
    return _list(region, PROFILES, request["InstanceProfileName"], request)


def _tag(region: Region, kind: Kind, name: str, request: dict[str, Any]) -> dict[str, Any]:
    def add(body: Body) -> None:
        kept = {tag["Key"]: tag["Value"] for tag in (*body["Tags"], *request["Tags"])}
        if len(kept) > MOST_TAGS:
            raise AwsError("LimitExceeded", f"Cannot exceed quota for TagsPer{kind.noun}: {MOST_TAGS}", 409)
        body["Tags"] = [{"Key": key, "Value": value} for key, value in kept.items()]

    kind.change(region, name, add)
    return {}


def _untag(region: Region, kind: Kind, name: str, request: dict[str, Any]) -> dict[str, Any]:
    def remove(body: Body) -> None:
        body["Tags"] = [tag for tag in body["Tags"] if tag["Key"] not in request["TagKeys"]]

    kind.change(region, name, remove)
    return {}


def _list(region: Region, kind: Kind, name: str, request: dict[str, Any]) -> dict[str, Any]:
    return page(request, "Tags", kind.require(region, name)["Tags"], lambda tag: str(tag["Key"]))
