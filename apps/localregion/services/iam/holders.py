"""What roles, users, policies and instance profiles have in common: names, ARNs, ids, times, pages."""

import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from apps.localregion.errors import AwsError
from apps.localregion.region import Region
from apps.localregion.store.documents import Body, Exists

ID_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
DEFAULT_PAGE = 100  # entries, and the most that a page may ask for is 1000


@dataclass(frozen=True)
class Kind:
    """A kind of IAM's resources."""

    kind: str  # of its documents
    member: str  # that has its name in a request
    noun: str
    arn: str  # the word in its ARN
    prefix: str  # of its unique ids

    def require(self, region: Region, name: str) -> Body:
        """The document; raises AwsError NoSuchEntity."""
        body = region.documents.get(self.kind, name)
        if body is None:
            raise self.absent(name)
        return body

    def change(self, region: Region, name: str, change: Callable[[Body], None]) -> Body:
        """Change the document in one transaction; raises AwsError NoSuchEntity."""

        def changed(body: Body) -> Body:
            change(body)
            return body

        body = region.documents.update(self.kind, name, changed)
        if body is None:
            raise self.absent(name)
        return body

    def create(self, region: Region, request: dict[str, Any], body: Body) -> Body:
        """Store a new one with its path, id, ARN and time; raises AwsError EntityAlreadyExists."""
        name, path = request[self.member], request.get("Path", "/")
        whole = {
            self.member: name,
            "Path": path,
            "Id": self.prefix + "".join(secrets.choice(ID_ALPHABET) for _ in range(17)),
            "Arn": f"arn:aws:iam::{region.account}:{self.arn}{path}{name}",
            "CreationTime": time.time(),
            "Tags": request.get("Tags", []),
            **body,
        }
        try:
            region.documents.insert(self.kind, whole["Arn"] if self.kind == "policy" else name, whole)
        except Exists as error:
            raise AwsError("EntityAlreadyExists", f"{self.noun} with name {name} already exists.", 409) from error
        return whole

    def absent(self, name: str) -> AwsError:
        """IAM's answer about one that is not there."""
        if self.kind == "policy":
            return AwsError("NoSuchEntity", f"Policy {name} does not exist or is not attachable.", 404)
        return AwsError("NoSuchEntity", f"The {self.noun.lower()} with name {name} cannot be found.", 404)


ROLES = Kind("role", "RoleName", "Role", "role", "AROA")
USERS = Kind("user", "UserName", "User", "user", "AIDA")
GROUPS = Kind("group", "GroupName", "Group", "group", "AGPA")
POLICIES = Kind("policy", "PolicyName", "Policy", "policy", "ANPA")
PROFILES = Kind("instance-profile", "InstanceProfileName", "Instance Profile", "instance-profile", "AIPA")


def page(request: dict[str, Any], member: str, entries: list[Any], name: Callable[[Any], str]) -> dict[str, Any]:
    """A page of the entries by name, which is also the marker."""
    after, most = request.get("Marker", ""), request.get("MaxItems", DEFAULT_PAGE)
    left = sorted((entry for entry in entries if name(entry) > after), key=name)
    answer: dict[str, Any] = {member: left[:most], "IsTruncated": len(left) > most}
    return answer | ({"Marker": name(left[most - 1])} if len(left) > most else {})


def moment(seconds: float) -> datetime:
    """A time as IAM tells it, in whole seconds."""
    return datetime.fromtimestamp(int(seconds), UTC)


def boundary(body: Body) -> dict[str, Any]:
    """The member about a permissions boundary, if there is one."""
    if not body.get("PermissionsBoundary"):
        return {}
    arn = body["PermissionsBoundary"]
    return {"PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}}


def tags(body: Body) -> dict[str, Any]:
    """The member about tags, if there are any."""
    return {"Tags": body["Tags"]} if body.get("Tags") else {}


def check_policy(document: str) -> None:
    """Raise AwsError MalformedPolicyDocument unless this is JSON with statements that say what to do."""
    try:
        read = json.loads(document)
    except ValueError as error:
        raise _malformed("This policy contains invalid Json") from error
    if not isinstance(read, dict):
        raise _malformed("This policy contains invalid Json")
    if read.get("Version", "2008-10-17") not in ("2012-10-17", "2008-10-17"):
        raise _malformed("The policy must contain a valid version string")
    listed = read.get("Statement")
    for statement in listed if isinstance(listed, list) else [listed]:
        if not isinstance(statement, dict):
            raise _malformed("Syntax errors in policy.")
        if statement.get("Effect") not in ("Allow", "Deny"):
            raise _malformed("Syntax errors in policy.")
        if not {"Action", "NotAction"} & statement.keys():
            raise _malformed("Policy statement must contain actions.")


def check_identity_policy(document: str) -> None:
    """The same for a policy of permissions, whose statements name resources."""
    check_policy(document)
    listed = json.loads(document)["Statement"]
    for statement in listed if isinstance(listed, list) else [listed]:
        if not {"Resource", "NotResource"} & statement.keys():
            raise _malformed("Policy statement must contain resources.")
        if {"Principal", "NotPrincipal"} & statement.keys():
            raise _malformed("Policy document should not specify a principal.")


def _malformed(message: str) -> AwsError:
    return AwsError("MalformedPolicyDocument", message)
