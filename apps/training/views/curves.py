"""The curves of one or several jobs, for the job's page and for comparing."""

import re
from dataclasses import asdict
from typing import Any

from django.http import Http404, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from apps.aws.access import WorkspaceRequest, in_workspace
from apps.aws.models import Workspace
from apps.training import queries
from apps.training.models import TrainingJob

MOST_JOBS = 10
# Of several jobs each has fewer points, so that the whole stays as light as one.
FEWEST_POINTS = 200
ROUND = re.compile(r"\d{1,18}", re.ASCII)


@require_safe
@in_workspace
def curves(request: WorkspaceRequest, workspace: Workspace) -> JsonResponse:
    """Every metric by round of the `jobs`, a list with commas; from round `from` to round `to` where they are given."""
    names = [name for name in request.GET.get("jobs", "").split(",") if name][:MOST_JOBS]
    start, end = round_of(request, "from"), round_of(request, "to")
    budget = max(queries.CHART_POINTS // max(len(names), 1), FEWEST_POINTS)
    found = queries.jobs_of(workspace).filter(name__in=names)
    by_name = {job.name: job for job in found}
    present = [by_name[name] for name in names if name in by_name]
    return JsonResponse({"jobs": [as_json(job, start or 0, end, budget) for job in present]})


def round_of(request: WorkspaceRequest, name: str) -> int | None:
    """A round of the address; None when it is not there."""
    text = request.GET.get(name)
    if text is not None and not ROUND.fullmatch(text):
        raise Http404(f"{name} must be a round's number")
    return None if text is None else int(text)


def as_json(job: TrainingJob, start: int, end: int | None, budget: int) -> dict[str, Any]:
    """A job and its curves as the chart's script takes them."""
    return {
        "name": job.name,
        "url": reverse("training:job", args=[job.workspace.slug, job.name]),
        "ended": job.is_terminal,
        "objective": job.objective_metric,
        "curves": [asdict(curve) for curve in queries.chart_curves(job, start, end, budget)],
    }
