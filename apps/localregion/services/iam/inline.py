"""Policies inside a role, a user or a group."""

from typing import Any
from urllib.parse import quote

from apps.localregion.errors import AwsError
from apps.localregion.region import Region
from apps.localregion.services.iam.holders import GROUPS, ROLES, USERS, Kind, check_identity_policy, page
from apps.localregion.store.documents import Body


def put_role_policy(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Put a policy into a role, in place of one of its name."""
    return _put(region, ROLES, request)


def put_user_policy(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Put a policy into a user, in place of one of its name."""
    return _put(region, USERS, request)


def put_group_policy(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Put a policy into a group, in place of one of its name."""
    return _put(region, GROUPS, request)


def get_role_policy(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """A policy inside a role."""
    return _get(region, ROLES, request)


def get_user_policy(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """A policy inside a user."""
    return _get(region, USERS, request)


def get_group_policy(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """A policy inside a group."""
    return _get(region, GROUPS, request)


def list_role_policies(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """The names of the policies inside a role."""
    return page(request, "PolicyNames", [*ROLES.require(region, request["RoleName"])["Inline"]], str)


def list_user_policies(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """The names of the policies inside a user."""
    return page(request, "PolicyNames", [*USERS.require(region, request["UserName"])["Inline"]], str)


def list_group_policies(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """The names of the policies inside a group."""
    return page(request, "PolicyNames", [*GROUPS.require(region, request["GroupName"])["Inline"]], str)


def delete_role_policy(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Take a policy out of a role."""
    return _delete(region, ROLES, request)


def delete_user_policy(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Take a policy out of a user."""
    return _delete(region, USERS, request)


def delete_group_policy(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Take a policy out of a group."""
    return _delete(region, GROUPS, request)


def _put(region: Region, kind: Kind, request: dict[str, Any]) -> dict[str, Any]:
    check_identity_policy(request["PolicyDocument"])
    named = {request["PolicyName"]: request["PolicyDocument"]}
    kind.change(region, request[kind.member], lambda body: body["Inline"].update(named))
    return {}


def _get(region: Region, kind: Kind, request: dict[str, Any]) -> dict[str, Any]:
    name, policy = request[kind.member], request["PolicyName"]
    documents = kind.require(region, name)["Inline"]
    if policy not in documents:
        raise _absent(kind, policy)
    return {kind.member: name, "PolicyName": policy, "PolicyDocument": quote(documents[policy], safe="")}


def _delete(region: Region, kind: Kind, request: dict[str, Any]) -> dict[str, Any]:
    def remove(body: Body) -> None:
        if body["Inline"].pop(request["PolicyName"], None) is None:
            raise _absent(kind, request["PolicyName"])

    kind.change(region, request[kind.member], remove)
    return {}


def _absent(kind: Kind, policy: str) -> AwsError:
    return AwsError("NoSuchEntity", f"The {kind.noun.lower()} policy with name {policy} cannot be found.", 404)
