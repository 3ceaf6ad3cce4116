"""What policies say to an action on a resource: allowed, explicitly denied, or not allowed.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps.localregion.services.iam.conditions import Context, filled, holds, like, listed

ALLOWED, EXPLICIT_DENY, IMPLICIT_DENY = "allowed", "explicitDeny", "implicitDeny"
BLANK = " \t\r\n,"


@dataclass(frozen=True)
class Statement:
    """A statement, where it comes from, and where it stands in its document (line and column from 1)."""

    body: Mapping[str, Any]
    source: str
    source_type: str
    start: tuple[int, int]
    end: tuple[int, int]


@dataclass(frozen=True)
class Verdict:
    """What a set of policies says, by which statements, and which context keys would have been needed."""

    decision: str
    matched: Sequence[Statement]
    missing: Sequence[str]


def statements(document: str, source: str, source_type: str) -> list[Statement]:
    """The statements of a document, which is well-formed."""
    found = [*_positions(document)]
    return [
        Statement(body, source, source_type, _place(document, start), _place(document, end))
        for body, start, end in found
    ]


def evaluate(given: Iterable[Statement], action: str, resource: str, context: Context) -> Verdict:
    """The verdict: a Deny that matches wins, then an Allow."""
    missing: set[str] = set()
    matched = [one for one in given if _matches(one.body, action, resource, context, missing)]
    denying = [one for one in matched if one.body["Effect"] == "Deny"]
    decision = EXPLICIT_DENY if denying else ALLOWED if matched else IMPLICIT_DENY
    return Verdict(decision, denying or matched, sorted(missing))


def trusts(document: str, caller: str, account: str) -> bool:
    """Whether a trust policy lets a user or session of the account assume its role; conditions count as unmet."""
    principals = {caller, "*", account, f"arn:aws:iam::{account}:root"}
    role = _role_of(caller)
    allowed = False
    for one in statements(document, "", "resource"):
        named = one.body.get("Principal", {})
        aws = {"*"} if named == "*" else {*listed(named.get("AWS", []))}
        if not aws & ({*principals, role} if role else principals) or not _does(one.body, "sts:AssumeRole"):
            continue
        if one.body["Effect"] == "Deny":
            return False
        allowed = allowed or holds(one.body.get("Condition", {}), {"aws:principalarn": [role or caller]}, set())
    return allowed


def _role_of(caller: str) -> str:
    """The ARN of the role of a session; empty for a user."""
    if ":assumed-role/" not in caller:
        return ""
    return caller.replace(":sts:", ":iam:").replace(":assumed-role/", ":role/").rpartition("/")[0]


def _matches(body: Mapping[str, Any], action: str, resource: str, context: Context, missing: set[str]) -> bool:
    return (
        _does(body, action) and _covers(body, resource, context) and holds(body.get("Condition", {}), context, missing)
    )


def _does(body: Mapping[str, Any], action: str) -> bool:
    if "NotAction" in body:
        return not any(like(action.lower(), pattern.lower()) for pattern in listed(body["NotAction"]))
    return any(like(action.lower(), pattern.lower()) for pattern in listed(body.get("Action", [])))


def _covers(body: Mapping[str, Any], resource: str, context: Context) -> bool:
    if "NotResource" in body:
        return not any(like(resource, filled(pattern, context)) for pattern in listed(body["NotResource"]))
    return any(like(resource, filled(pattern, context)) for pattern in listed(body.get("Resource", "*")))


def _positions(document: str) -> Iterator[tuple[dict[str, Any], int, int]]:
    """Each statement with where it starts and ends in the text."""
    decoder = json.JSONDecoder()
    at = document.index(":", document.index('"Statement"')) + 1
    while document[at] in BLANK:
        at += 1
    several = document[at] == "["
    at += several
    while True:
        while document[at] in BLANK:
            at += 1
        if document[at] != "{":
            return
        body, end = decoder.raw_decode(document, at)
        yield body, at, end
        at = end
        if not several:
            return


def _place(document: str, offset: int) -> tuple[int, int]:
    return document.count("\n", 0, offset) + 1, offset - document.rfind("\n", 0, offset)
