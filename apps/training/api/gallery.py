"""The algorithms by the API, and a launch as code."""

from typing import Any

from ninja import Path, Router, Schema

from apps.accounts.api import TokenRequest
from apps.aws.images import known_repositories
from apps.aws.queries import find_workspace
from apps.core.errors import NotFound, Refusal
from apps.training.api.launching import LaunchIn, checked
from apps.training.catalogue import ALGORITHMS, Algorithm
from apps.training.services.previewing import preview

gallery = Router(tags=["algorithms"])


class HyperparameterOut(Schema):
    """One hyperparameter: what it may be, in words and as choices."""

    name: str
    group: str
    type: str
    help: str
    default: str | None
    required: bool
    tunable: bool
    range: str | None
    choices: list[str]


class AlgorithmOut(Schema):
    """One algorithm; `runs_here` says whether the workspace has its image."""

    name: str
    title: str
    kind: str
    tasks: list[str]
    summary: str
    documentation: str
    content_types: list[str]
    channels: list[str]
    instances: str
    runs_here: bool
    hyperparameters: list[HyperparameterOut]


class CodeOut(Schema):
    """The same launch as three programs; costs in USD on demand, null where they are not known."""

    boto3: str
    cli: str
    sdk: str
    price_per_hour: float | None
    worst_cost_usd: float | None
    likely_cost_usd: float | None


@gallery.get("", response=list[AlgorithmOut], summary="All algorithms")
def algorithms(request: TokenRequest, slug: Path[str]) -> list[dict[str, Any]]:
    """Every algorithm that the console can launch, with its hyperparameters."""
    there = known_repositories(find_workspace(slug))
    return [_told(each, there) for each in ALGORITHMS.values()]


@gallery.post("/code", response=CodeOut, summary="Show a launch as code")
def code(request: TokenRequest, slug: Path[str], payload: LaunchIn) -> dict[str, Any]:
    """A launch for boto3, the AWS CLI and the SageMaker SDK v3, and what it would cost; nothing is launched."""
    shown = preview(checked(find_workspace(slug), payload), request.user)
    if shown.code is None:
        raise Refusal(shown.missing)
    costs = {"price_per_hour": shown.hourly, "worst_cost_usd": shown.worst, "likely_cost_usd": shown.likely}
    return vars(shown.code) | {name: None if cost is None else float(cost) for name, cost in costs.items()}


@gallery.get("/{name}", response=AlgorithmOut, summary="One algorithm")
def algorithm(request: TokenRequest, slug: Path[str], name: Path[str]) -> dict[str, Any]:
    """One algorithm with its hyperparameters."""
    workspace = find_workspace(slug)
    if name not in ALGORITHMS:
        raise NotFound(f"there is no algorithm {name!r}", "name")
    return _told(ALGORITHMS[name], known_repositories(workspace))


def _told(algorithm: Algorithm, there: frozenset[str] | None) -> dict[str, Any]:
    rows = [
        {name: getattr(row, name) for name in ("name", "group", "help", "required", "tunable")}
        | {"type": row.kind, "default": row.default or None, "range": row.range_text or None}
        | {"choices": list(row.choices)}
        for row in algorithm.hyperparameters.values()
    ]
    members = ("name", "title", "kind", "tasks", "summary", "documentation", "content_types", "channels", "instances")
    told: dict[str, Any] = {name: getattr(algorithm, name) for name in members}
    lists = {name: list(told[name]) for name in ("tasks", "content_types", "channels")}
    return told | lists | {"hyperparameters": rows, "runs_here": algorithm.runs_with(there)}
