"""IAM's policy simulator."""

from collections.abc import Sequence
from itertools import product
from typing import Any

from apps.localregion.errors import AwsError
from apps.localregion.region import Region
from apps.localregion.services.iam import groups
from apps.localregion.services.iam.conditions import Context
from apps.localregion.services.iam.evaluation import (
    ALLOWED,
    IMPLICIT_DENY,
    Statement,
    Verdict,
    evaluate,
    statements,
)
from apps.localregion.services.iam.holders import DEFAULT_PAGE, GROUPS, ROLES, USERS, Kind, check_policy
from apps.localregion.services.iam.policies import current_document
from apps.localregion.store.documents import Body


def simulate_principal_policy(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """What the policies of a role, user or group, with those given, say to each action on each resource."""
    arn = request["PolicySourceArn"]
    kind, name = _principal(arn)
    body = kind.require(region, name)
    if body["Arn"] != arn:
        raise kind.absent(name)
    own = _own(region, kind, body)
    for group in groups.of_user(region, name) if kind == USERS else ():
        own += _own(region, GROUPS, group)
    bounds = _given(request, "PermissionsBoundaryPolicyInputList")
    if bounds is None and body.get("PermissionsBoundary"):
        bounds = statements(current_document(region, body["PermissionsBoundary"]), "PermissionsBoundary", "none")
    context = {"aws:principalarn": [arn], "aws:principalaccount": [region.account]}
    context |= {"aws:username": [name]} if kind == USERS else {}
    return _simulate(request, own + (_given(request, "PolicyInputList") or []), bounds, context)


def simulate_custom_policy(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """What the given policies say to each action on each resource."""
    given = _given(request, "PolicyInputList") or []
    return _simulate(request, given, _given(request, "PermissionsBoundaryPolicyInputList"), {})


def _own(region: Region, kind: Kind, body: Body) -> list[Statement]:
    """The statements of the policies inside and attached to a role, user or group."""
    own = [one for policy, text in body["Inline"].items() for one in statements(text, policy, kind.kind)]
    for attached in body["Attached"]:
        source_type = "aws-managed" if attached.startswith("arn:aws:iam::aws:") else "user-managed"
        own += statements(current_document(region, attached), attached.rpartition("/")[2], source_type)
    return own


def _principal(arn: str) -> Any:
    for kind in (ROLES, USERS, GROUPS):
        word = f":{kind.arn}/"
        if arn.startswith("arn:aws:iam::") and word in arn:
            return kind, arn.rpartition("/")[2]
    raise AwsError("InvalidInput", f"Invalid Entity Arn: {arn} does not clearly define entity type and name.")


def _given(request: dict[str, Any], member: str) -> list[Statement] | None:
    """The statements of the policies that came with the request; None without any."""
    if member not in request:
        return None
    for document in request[member]:
        try:
            check_policy(document)
        except AwsError as error:
            raise AwsError("InvalidInput", error.message) from error
    numbered = enumerate(request[member], 1)
    return [one for number, text in numbered for one in statements(text, f"{member}.{number}", "none")]


def _simulate(
    request: dict[str, Any], given: Sequence[Statement], bounds: Sequence[Statement] | None, known: Context
) -> dict[str, Any]:
    entries = request.get("ContextEntries", [])
    if not all({"ContextKeyName", "ContextKeyValues"} <= entry.keys() for entry in entries):
        raise AwsError("InvalidInput", "Each of ContextEntries needs ContextKeyName and ContextKeyValues")
    context = {**known, **{entry["ContextKeyName"].lower(): entry["ContextKeyValues"] for entry in entries}}
    resources = request.get("ResourceArns") or ["*"]

    def judged(action: str, resource: str) -> dict[str, Any]:
        bound = None if bounds is None else evaluate(bounds, action, resource, context)
        return _result(action, resource, evaluate(given, action, resource, context), bound)

    return _page(request, [judged(*pair) for pair in product(request["ActionNames"], resources)])


def _result(action: str, resource: str, verdict: Verdict, bound: Verdict | None) -> dict[str, Any]:
    decision = verdict.decision
    if bound is not None and bound.decision != ALLOWED and decision == ALLOWED:
        decision = bound.decision
    result: dict[str, Any] = {
        "EvalActionName": action,
        "EvalResourceName": resource,
        "EvalDecision": decision,
        "MatchedStatements": [_matched(one) for one in verdict.matched] if decision != IMPLICIT_DENY else [],
        "MissingContextValues": [*verdict.missing],
    }
    if bound is not None:
        allowed = bound.decision == ALLOWED
        result["PermissionsBoundaryDecisionDetail"] = {"AllowedByPermissionsBoundary": allowed}
    return result


def _matched(one: Statement) -> dict[str, Any]:
    places = {"StartPosition": one.start, "EndPosition": one.end}
    told = {name: {"Line": line, "Column": column} for name, (line, column) in places.items()}
    return {"SourcePolicyId": one.source, "SourcePolicyType": one.source_type, **told}


def _page(request: dict[str, Any], results: list[dict[str, Any]]) -> dict[str, Any]:
    marker, most = request.get("Marker", "0"), request.get("MaxItems", DEFAULT_PAGE)
    if not marker.isdecimal():
        raise AwsError("InvalidInput", "The marker is none of ours")
    start = int(marker)
    answer: dict[str, Any] = {"EvaluationResults": results[start : start + most]}
    more = len(results) > start + most
    return answer | {"IsTruncated": more} | ({"Marker": str(start + most)} if more else {})
