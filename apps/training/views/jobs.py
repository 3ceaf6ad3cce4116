"""The page of one job: what it shows at first, and its live parts. Log, curves and actions have their own modules."""

import re
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.aws.access import WorkspaceRequest, in_workspace
from apps.aws.models import Workspace
from apps.training import queries, services
from apps.training.advice import advice_for
from apps.training.catalogue import ALGORITHMS
from apps.training.models import TrainingJob
from apps.training.notes import rendered
from apps.training.views.curves import MOST_JOBS

NAME = re.compile(r"[a-zA-Z0-9-]{1,63}")
NO_METRIC = "This job has written no metric."
FIRST_POINT = "The first point is due when training has begun, after its first round."
FAILED_TAIL = 12
# What the page shows of the log before its script takes over.
FIRST_LINES = 200
# Jobs that are offered to be laid over this one's curve.
OFFERED = 12
# htmx stops polling when it is answered by this status.
STOP_POLLING = 286


@require_safe
@in_workspace
def job(request: WorkspaceRequest, workspace: Workspace, name: str) -> HttpResponse:
    """Everything about one job."""
    found = queries.find(workspace, name)
    services.want_log(found)
    others = [name for name in request.GET.get("with", "").split(",") if NAME.fullmatch(name) and name != found.name]
    context = live_context(request, found) | {
        "tail": queries.log_tail(found, FIRST_LINES),
        "streams": {each: each.partition("/")[2] or each for each in queries.stream_names(found)},
        "names": ",".join([found.name, *others[: MOST_JOBS - 1]]),
        "others": queries.alike(found, OFFERED),
        "log_topic": f"sse:{found.topic}-log",
        "no_metric": found.is_terminal and not found.best_metrics,
        "first_point": NO_METRIC if found.is_terminal else FIRST_POINT,
    }
    return render(request, "training/job.html", context)


@require_safe
@in_workspace
def live(request: WorkspaceRequest, workspace: Workspace, name: str) -> HttpResponse:
    """What of the job's page changes while it runs; its log and curve fetch their own news."""
    found = queries.find(workspace, name)
    status = STOP_POLLING if found.is_terminal and not found.delete_asked_at else 200
    return render(request, "training/live.html", live_context(request, found), status=status)


def live_context(request: WorkspaceRequest, found: TrainingJob) -> dict[str, Any]:
    """What the live parts of the page need."""
    services.want_model_files(found)
    rows = queries.hyperparameter_rows(found)
    failed = bool(found.failure_reason)
    last_lines = queries.log_tail(found, FAILED_TAIL).lines if failed else []
    return {
        "job": found,
        "steps": found.steps(),
        "known": found.algorithm in ALGORITHMS,
        "can_retry": found.is_terminal and services.can_retry(found),
        "progress": queries.progress(found),
        "given": [row for row in rows if row.name in found.hyperparameters],
        "defaults": [row for row in rows if row.name not in found.hyperparameters],
        "changed": sum(row.changed for row in rows),
        "usage": queries.usage(found),
        "advice": advice_for(found.failure_reason, [line.text for line in last_lines]) if failed else "",
        "last_lines": last_lines,
        "note": rendered(found.note),
        "starred": found.starred_by.filter(pk=request.user.pk).exists(),
    }
