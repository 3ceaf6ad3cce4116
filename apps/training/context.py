"""What stands on every page of a workspace: the rail that is the lifecycle, its live figures, what is burning now."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from apps.aws.models import Workspace
from apps.aws.queries import workspaces
from apps.datasets.queries import count as dataset_count
from apps.training.queries import Counts, counts


@dataclass(frozen=True)
class Stage:
    """One stage of the lifecycle; `key` travels there after "g", `idle` is said of it while it has no figure."""

    slug: str
    title: str
    icon: str
    key: str
    idle: str
    view: str = "training:stage"


STAGES = (
    Stage("home", "Home", "house", "h", "", "training:home"),
    Stage("data", "Data", "database", "d", "no data set yet", "datasets:list"),
    Stage("train", "Train", "chart-spline", "t", "nothing is running", "training:history"),
    Stage("validate", "Validate", "circle-check", "v", "by the validation channel"),
    Stage("deploy", "Deploy", "rocket", "e", "by model download"),
    Stage("monitor", "Monitor", "activity", "m", "by curve and log"),
    Stage("cleanup", "Clean up", "trash-2", "c", "by stopping jobs"),
)
# Stages whose page only says what can be done today, and where.
PLAIN_STAGES = tuple(stage.slug for stage in STAGES if stage.view == "training:stage")


@dataclass(frozen=True)
class Rail:
    """The rail of one workspace: its stages with their addresses and figures, and USD an hour of what runs."""

    stages: list[dict[str, Any]]
    burn: Decimal
    counts: Counts


def rail(workspace: Workspace) -> Rail:
    """Read the figures: two small queries."""
    now, datasets = counts(workspace), dataset_count(workspace)
    figures = {
        "data": (datasets, "data set" if datasets == 1 else "data sets"),
        "train": (now.running, "running"),
    }
    stages = [vars(stage) | _figure(stage, figures) | {"url": stage_url(workspace, stage)} for stage in STAGES]
    return Rail(stages, now.burn_per_hour, now)


def _figure(stage: Stage, figures: dict[str, tuple[int, str]]) -> dict[str, Any]:
    figure, unit = figures.get(stage.slug, (0, ""))
    return {"figure": figure, "unit": unit, "live": stage.slug == "train"}


def stage_url(workspace: Workspace, stage: Stage) -> str:
    """The address of the stage's page."""
    where = {"slug": workspace.slug}
    return reverse(stage.view, kwargs=where | ({"stage": stage.slug} if stage.slug in PLAIN_STAGES else {}))


def stage_of(request: HttpRequest) -> str:
    """The slug of the stage that the requested page belongs to."""
    match = request.resolver_match
    if match is None:
        return ""
    if match.namespace == "datasets":
        return "data"
    return "home" if match.url_name == "home" else str(match.kwargs.get("stage", "train"))


def header(request: HttpRequest) -> dict[str, Any]:
    """The context processor; nothing outside a workspace, and no query unless the template asks."""
    workspace: Workspace | None = getattr(request, "workspace", None)
    if workspace is None:
        return {}
    return {
        "workspace": workspace,
        "workspace_kind": "production" if workspace.production else "local" if workspace.is_local else "",
        "workspaces": SimpleLazyObject(workspaces),
        "rail": SimpleLazyObject(lambda: rail(workspace)),
        "at": request.GET.get("at") or stage_of(request),
    }
