"""Policies attached to roles, users and groups."""

from typing import Any

from apps.localregion.errors import AwsError
from apps.localregion.region import Region
from apps.localregion.services.iam.holders import GROUPS, ROLES, USERS, Kind, page
from apps.localregion.services.iam.policies import require_policy
from apps.localregion.store.documents import Body


def attach_role_policy(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Attach a policy to a role; one that is attached stays so."""
    return _attach(region, ROLES, request)


def attach_user_policy(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Attach a policy to a user; one that is attached stays so."""
    return _attach(region, USERS, request)


def attach_group_policy(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Attach a policy to a group; one that is attached stays so."""
    return _attach(region, GROUPS, request)


def detach_role_policy(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Detach a policy from a role."""
    return _detach(region, ROLES, request)


def detach_user_policy(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Detach a policy from a user."""
    return _detach(region, USERS, request)


def detach_group_policy(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Detach a policy from a group."""
    return _detach(region, GROUPS, request)


def list_attached_role_policies(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """The policies attached to a role."""
    return _list(region, ROLES, request)


def list_attached_user_policies(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """The policies attached to a user."""
    return _list(region, USERS, request)


def list_attached_group_policies(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """The policies attached to a group."""
    return _list(region, GROUPS, request)


def list_entities_for_policy(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Who has a policy attached."""
    arn, only = request["PolicyArn"], request.get("EntityFilter")
    require_policy(region, arn)
    found = [
        (kind, body)
        for kind in (ROLES, USERS, GROUPS)
        if only in (None, kind.noun)
        for body in region.documents.all(kind.kind)
        if arn in body["Attached"]
    ]
    whole = page(request, "Entities", found, lambda entry: f"{entry[0].kind}/{entry[1][entry[0].member]}")
    entities = whole.pop("Entities")
    named = {
        f"Policy{kind.noun}s": [
            {kind.member: body[kind.member], f"{kind.noun}Id": body["Id"]} for of, body in entities if of == kind
        ]
        for kind in (ROLES, USERS, GROUPS)
    }
    return {**named, **whole}


def _attach(region: Region, kind: Kind, request: dict[str, Any]) -> dict[str, Any]:
    arn = request["PolicyArn"]
    require_policy(region, arn)

    def add(body: Body) -> None:
        if arn not in body["Attached"]:
            body["Attached"].append(arn)

    kind.change(region, request[kind.member], add)
    return {}


def _detach(region: Region, kind: Kind, request: dict[str, Any]) -> dict[str, Any]:
    arn = request["PolicyArn"]

    def remove(body: Body) -> None:
        if arn not in body["Attached"]:
            raise AwsError("NoSuchEntity", f"Policy {arn} was not found.", 404)
        body["Attached"].remove(arn)

    kind.change(region, request[kind.member], remove)
    return {}


def _list(region: Region, kind: Kind, request: dict[str, Any]) -> dict[str, Any]:
    prefix = request.get("PathPrefix", "/")
    attached = kind.require(region, request[kind.member])["Attached"]
    policies = [body for arn in attached if (body := require_policy(region, arn))["Path"].startswith(prefix)]
    found = [{"PolicyName": body["PolicyName"], "PolicyArn": body["Arn"]} for body in policies]
    return page(request, "AttachedPolicies", found, lambda policy: str(policy["PolicyArn"]))
