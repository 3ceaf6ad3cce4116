"""IAM's groups of users; what a group's policies allow, each of its users may do."""

from typing import Any

from apps.localregion.errors import AwsError
from apps.localregion.region import Region
from apps.localregion.services.iam import users
from apps.localregion.services.iam.holders import GROUPS, USERS, moment, page
from apps.localregion.services.iam.roles import refuse_with_policies
from apps.localregion.store.documents import Body

MOST_GROUPS = 10  # of one user, IAM's quota


def create_group(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Make a group without users."""
    body = GROUPS.create(region, request, {"Users": [], "Inline": {}, "Attached": []})
    return {"Group": _answered(body)}


def get_group(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """A group and a page of its users."""
    body = GROUPS.require(region, request["GroupName"])
    found = [users.answered(user) for name in body["Users"] if (user := region.documents.get(USERS.kind, name))]
    return {"Group": _answered(body), **page(request, "Users", found, lambda user: str(user["UserName"]))}


def list_groups(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """A page of the groups by name."""
    prefix = request.get("PathPrefix", "/")
    return _page(region, request, lambda body: body["Path"].startswith(prefix))


def list_groups_for_user(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """A page of the groups that have a user."""
    name = request["UserName"]
    USERS.require(region, name)
    return _page(region, request, lambda body: name in body["Users"])


def add_user_to_group(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Put a user into a group; one that is in it stays; raises AwsError LimitExceeded."""
    name = request["UserName"]
    USERS.require(region, name)
    GROUPS.require(region, request["GroupName"])
    if len(of_user(region, name)) >= MOST_GROUPS:
        raise AwsError("LimitExceeded", f"Cannot exceed quota for GroupsPerUser: {MOST_GROUPS}", 409)

    def add(body: Body) -> None:
        if name not in body["Users"]:
            body["Users"].append(name)

    GROUPS.change(region, request["GroupName"], add)
    return {}


def remove_user_from_group(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Take a user out of a group."""
    name = request["UserName"]

    def remove(body: Body) -> None:
        if name not in body["Users"]:
            raise USERS.absent(name)
        body["Users"].remove(name)

    GROUPS.change(region, request["GroupName"], remove)
    return {}


def delete_group(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Remove a group that has neither users nor policies; raises AwsError DeleteConflict."""
    name = request["GroupName"]
    body = GROUPS.require(region, name)
    if body["Users"]:
        raise AwsError("DeleteConflict", "Cannot delete entity, must remove users from group first.", 409)
    refuse_with_policies(body)
    region.documents.delete(GROUPS.kind, name)
    return {}


def of_user(region: Region, name: str) -> list[Body]:
    """The groups that have a user."""
    return [body for body in region.documents.all(GROUPS.kind) if name in body["Users"]]


def _page(region: Region, request: dict[str, Any], wanted: Any) -> dict[str, Any]:
    found = [_answered(body) for body in region.documents.all(GROUPS.kind) if wanted(body)]
    return page(request, "Groups", found, lambda group: str(group["GroupName"]))


def _answered(body: Body) -> dict[str, Any]:
    """A group as IAM tells it."""
    group = {"Path": body["Path"], "GroupName": body["GroupName"], "GroupId": body["Id"], "Arn": body["Arn"]}
    return group | {"CreateDate": moment(body["CreationTime"])}
