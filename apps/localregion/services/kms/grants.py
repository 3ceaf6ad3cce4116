"""kms's grants: kept and listed. A caller of this region may use a key with or without one.

https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
"""

import base64
import json
import secrets
import time
from datetime import UTC, datetime
from typing import Any

from apps.localregion.errors import AwsError
from apps.localregion.region import Region
from apps.localregion.services.kms.keys import GRANTS, find, page
from apps.localregion.store.documents import Body

GRANTEES = ("GranteePrincipal", "GranteeServicePrincipal")
GIVEN = (*GRANTEES, "RetiringPrincipal", "RetiringServicePrincipal", "Constraints", "Name")


def create_grant(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Let a principal use a key; the same grant again, if it has a name, is the one that is there."""
    key = find(region, request["KeyId"])
    if key["Status"] == "PendingDeletion":
        raise AwsError("KMSInvalidStateException", f"{key['Arn']} is pending deletion.")
    if key["Status"] == "Disabled":
        raise AwsError("DisabledException", f"{key['Arn']} is disabled.")
    if not any(member in request for member in GRANTEES):
        raise AwsError("ValidationException", "A grant needs a GranteePrincipal.")
    _refuse_dry_run(request)
    terms = {member: request[member] for member in GIVEN if member in request}
    terms |= {"Operations": [*dict.fromkeys(request["Operations"])], "Key": key["KeyId"]}
    for body in region.documents.all(GRANTS) if "Name" in terms else ():
        if all(body.get(member) == value for member, value in terms.items()):
            return _answer(body)
    identity = secrets.token_hex(32)
    body = {**terms, "GrantId": identity, "KeyArn": key["Arn"], "CreationTime": time.time()}
    region.documents.insert(GRANTS, identity, body)
    return _answer(body)


def list_grants(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """A page of a key's grants."""
    key = find(region, request["KeyId"])["KeyId"]
    wanted = {member: request[member] for member in ("GrantId", *GRANTEES) if member in request}
    found = [body for body in region.documents.all(GRANTS) if body["Key"] == key]
    kept = [body for body in found if all(body.get(member) == value for member, value in wanted.items())]
    return page(request, "Grants", [_told(region, body) for body in kept], "GrantId")


def list_retirable_grants(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """A page of the grants that a principal may retire."""
    wanted = {name: request[name] for name in ("RetiringPrincipal", "RetiringServicePrincipal") if name in request}
    if not wanted:
        raise AwsError("ValidationException", "Name a RetiringPrincipal.")
    found = [body for body in region.documents.all(GRANTS) if all(body.get(name) == wanted[name] for name in wanted)]
    return page(request, "Grants", [_told(region, body) for body in found], "GrantId")


def revoke_grant(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Take back a grant of a key."""
    return _remove(region, request, request["KeyId"], request["GrantId"])


def retire_grant(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Give back a grant, which a token names or a key and an id."""
    if "GrantToken" in request:
        try:
            key, identity = json.loads(base64.b64decode(request["GrantToken"], validate=True))
        except (ValueError, TypeError) as error:
            raise AwsError("InvalidGrantTokenException", "The grant token is not valid.") from error
        return _remove(region, request, str(key), str(identity))
    if "KeyId" not in request or "GrantId" not in request:
        raise AwsError("ValidationException", "Name the grant by its GrantToken, or by KeyId and GrantId.")
    return _remove(region, request, request["KeyId"], request["GrantId"])


def _remove(region: Region, request: dict[str, Any], name: str, identity: str) -> dict[str, Any]:
    key = find(region, name)["KeyId"]
    body = region.documents.get(GRANTS, identity)
    if body is None or body["Key"] != key:
        raise AwsError("NotFoundException", f"Grant ID {identity} not found")
    _refuse_dry_run(request)
    region.documents.delete(GRANTS, identity)
    return {}


def _refuse_dry_run(request: dict[str, Any]) -> None:
    if request.get("DryRun"):
        message = "The request would have succeeded, but the DryRun option is set."
        raise AwsError("DryRunOperationException", message, 412)


def _answer(body: Body) -> dict[str, Any]:
    token = base64.b64encode(json.dumps([body["Key"], body["GrantId"]]).encode()).decode()
    return {"GrantToken": token, "GrantId": body["GrantId"]}


def _told(region: Region, body: Body) -> dict[str, Any]:
    return {
        **{member: body[member] for member in GIVEN if member in body},
        "KeyId": body["KeyArn"],
        "GrantId": body["GrantId"],
        "Operations": body["Operations"],
        "CreationDate": datetime.fromtimestamp(body["CreationTime"], UTC),
        "IssuingAccount": f"arn:aws:iam::{region.account}:root",
    }
