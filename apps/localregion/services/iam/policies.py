"""Managed policies: the account's own, with versions, and those of AWS that a SageMaker account uses."""

import base64
import functools
import hashlib
import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from apps.localregion.errors import AwsError
from apps.localregion.region import Region
from apps.localregion.services.iam.holders import POLICIES, ROLES, USERS, check_identity_policy, moment, page, tags
from apps.localregion.store.documents import Body

MOST_VERSIONS = 5
# AWS's own policies as IAM's GetPolicyVersion answers them; their ids are ours.
AWS_POLICIES = Path(__file__).with_name("aws_policies.json")


def create_policy(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Make a policy; the document is its version v1."""
    check_identity_policy(request["PolicyDocument"])
    now = time.time()
    body = {
        "Description": request.get("Description", ""),
        "Default": "v1",
        "Next": 2,
        "Updated": now,
        "Versions": {"v1": {"Document": request["PolicyDocument"], "Created": now}},
    }
    made = POLICIES.create(region, request, body)
    return {"Policy": _answered(region, made)}


def get_policy(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """One policy."""
    body = require_policy(region, request["PolicyArn"])
    described = {"Description": body["Description"]} if body["Description"] else {}
    return {"Policy": _answered(region, body) | described}


def list_policies(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """A page of the policies by name."""
    scope, prefix = request.get("Scope", "All"), request.get("PathPrefix", "/")
    local = region.documents.all("policy") if scope != "AWS" else []
    aws = [*_aws_policies().values()] if scope != "Local" else []
    found = [_answered(region, body) for body in (*local, *aws) if body["Path"].startswith(prefix)]
    if request.get("OnlyAttached"):
        found = [policy for policy in found if policy["AttachmentCount"]]
    for policy in found:
        policy.pop("Tags", None)
    return page(request, "Policies", found, lambda policy: f"{policy['PolicyName']} {policy['Arn']}")


def delete_policy(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Remove a policy that is attached to nobody and has one version; raises AwsError DeleteConflict."""
    arn = request["PolicyArn"]
    body = _own(region, arn)
    if _attachments(region, arn):
        raise AwsError("DeleteConflict", "Cannot delete a policy attached to entities.", 409)
    if len(body["Versions"]) > 1:
        message = "This policy has more than one version. Before you delete a policy, you must delete the policy's "
        raise AwsError("DeleteConflict", message + "versions. The default version is deleted with the policy.", 409)
    region.documents.delete("policy", arn)
    return {}


def create_policy_version(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Add a version to a policy."""
    check_identity_policy(request["PolicyDocument"])
    _own(region, request["PolicyArn"])
    made = ""

    def add(body: Body) -> None:
        nonlocal made
        if len(body["Versions"]) >= MOST_VERSIONS:
            message = "A managed policy can have up to 5 versions. Before you create a new version, you must delete an "
            raise AwsError("LimitExceeded", message + "existing version.", 409)
        made = f"v{body['Next']}"
        body["Next"] += 1
        body["Versions"][made] = {"Document": request["PolicyDocument"], "Created": time.time()}
        if request.get("SetAsDefault"):
            body.update(Default=made, Updated=time.time())

    body = POLICIES.change(region, request["PolicyArn"], add)
    return {"PolicyVersion": _version(body, made, with_document=False)}


def get_policy_version(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """A version of a policy, with its document."""
    body = require_policy(region, request["PolicyArn"])
    _require_version(body, request["VersionId"])
    return {"PolicyVersion": _version(body, request["VersionId"], with_document=True)}


def list_policy_versions(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """A page of a policy's versions."""
    body = require_policy(region, request["PolicyArn"])
    found = [_version(body, version, with_document=False) for version in body["Versions"]]
    return page(request, "Versions", found, lambda version: str(version["VersionId"]))


def set_default_policy_version(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Choose the version that counts."""
    _require_version(_own(region, request["PolicyArn"]), request["VersionId"])
    changes = {"Default": request["VersionId"], "Updated": time.time()}
    POLICIES.change(region, request["PolicyArn"], lambda body: body.update(changes))
    return {}


def delete_policy_version(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Remove a version that is not the default one."""

    def remove(body: Body) -> None:
        _require_version(body, request["VersionId"])
        if body["Default"] == request["VersionId"]:
            raise AwsError("DeleteConflict", "Cannot delete the default version of a policy.", 409)
        del body["Versions"][request["VersionId"]]

    _own(region, request["PolicyArn"])
    POLICIES.change(region, request["PolicyArn"], remove)
    return {}


def require_policy(region: Region, arn: str) -> Body:
    """The policy, AWS's own too; raises AwsError NoSuchEntity."""
    return _aws_policies().get(arn) or POLICIES.require(region, arn)


def current_document(region: Region, arn: str) -> str:
    """The document that counts; raises AwsError NoSuchEntity."""
    body = require_policy(region, arn)
    return str(body["Versions"][body["Default"]]["Document"])


def _own(region: Region, arn: str) -> Body:
    if arn in _aws_policies():
        raise AwsError("AccessDenied", f"User: {region.caller.arn} may not change a policy of AWS: {arn}", 403)
    return POLICIES.require(region, arn)


def _require_version(body: Body, version: str) -> None:
    if version not in body["Versions"]:
        message = f"Policy {body['Arn']} version {version} does not exist or is not attachable."
        raise AwsError("NoSuchEntity", message, 404)


@functools.cache
def _aws_policies() -> dict[str, Body]:
    found = {}
    for entry in json.loads(AWS_POLICIES.read_text()):
        version = {"Document": json.dumps(entry["Document"]), "Created": entry["Updated"]}
        name, arn = entry["PolicyName"], f"arn:aws:iam::aws:policy{entry['Path']}{entry['PolicyName']}"
        found[arn] = {
            "PolicyName": name,
            "Arn": arn,
            "Path": entry["Path"],
            "Id": "ANPA" + base64.b32encode(hashlib.sha256(name.encode()).digest()).decode()[:17],
            "CreationTime": entry["Created"],
            "Updated": entry["Updated"],
            "Description": "",
            "Default": entry["DefaultVersionId"],
            "Versions": {entry["DefaultVersionId"]: version},
            "Tags": [],
        }
    return found


def _attachments(region: Region, arn: str) -> int:
    return sum(arn in body["Attached"] for kind in (ROLES, USERS) for body in region.documents.all(kind.kind))


def _answered(region: Region, body: Body) -> dict[str, Any]:
    return {
        "PolicyName": body["PolicyName"],
        "PolicyId": body["Id"],
        "Arn": body["Arn"],
        "Path": body["Path"],
        "DefaultVersionId": body["Default"],
        "AttachmentCount": _attachments(region, body["Arn"]),
        "PermissionsBoundaryUsageCount": 0,
        "IsAttachable": True,
        "CreateDate": moment(body["CreationTime"]),
        "UpdateDate": moment(body["Updated"]),
        **tags(body),
    }


def _version(body: Body, version: str, *, with_document: bool) -> dict[str, Any]:
    kept = body["Versions"][version]
    document = {"Document": quote(kept["Document"], safe="")} if with_document else {}
    default = version == body["Default"]
    return document | {"VersionId": version, "IsDefaultVersion": default, "CreateDate": moment(kept["Created"])}
