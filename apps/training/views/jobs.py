"""The page of one job: what it shows at first, its live parts, its log and model, and stopping it."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict, replace
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from apps.aws.access import WorkspaceRequest, in_workspace
from apps.aws.models import Workspace
from apps.core.errors import Refusal
from apps.training import queries, services
from apps.training.advice import advice_for
from apps.training.aws.artifacts import model_archive
from apps.training.catalogue import ALGORITHMS
from apps.training.models import TrainingJob

FAILED_TAIL = 12
CHART_POINTS = 1500
# htmx stops polling when it is answered by this status.
STOP_POLLING = 286


@require_safe
@in_workspace
def job(request: WorkspaceRequest, workspace: Workspace, name: str) -> HttpResponse:
    """Everything about one job."""
    found = queries.find(workspace, name)
    services.want_log(found)
    return render(request, "training/job.html", live_context(found) | {"tail": queries.log_tail(found)})


@require_safe
@in_workspace
def live(request: WorkspaceRequest, workspace: Workspace, name: str) -> HttpResponse:
    """What of the job's page changes while it runs; its log and curve fetch their own news."""
    found = queries.find(workspace, name)
    status = STOP_POLLING if found.is_terminal else 200
    return render(request, "training/live.html", live_context(found), status=status)


def live_context(found: TrainingJob) -> dict[str, Any]:
    """What the live parts of the page need."""
    rows = queries.hyperparameter_rows(found)
    failed = bool(found.failure_reason)
    last_lines = queries.log_tail(found, FAILED_TAIL).lines if failed else []
    return {
        "job": found,
        "steps": found.steps(),
        "known": found.algorithm in ALGORITHMS,
        "progress": queries.progress(found),
        "given": [row for row in rows if row.name in found.hyperparameters],
        "defaults": [row for row in rows if row.name not in found.hyperparameters],
        "changed": sum(row.changed for row in rows),
        "usage": queries.usage(found),
        "advice": advice_for(found.failure_reason, has_log=bool(last_lines)) if failed else "",
        "last_lines": last_lines,
    }


@require_safe
@in_workspace
def log(request: WorkspaceRequest, workspace: Workspace, name: str) -> JsonResponse:
    """The log lines behind line number `after`, as JSON."""
    after = request.GET.get("after", "0")
    if not (after.isascii() and after.isdigit() and len(after) < 16):
        raise Http404("after must be a line's number")
    return JsonResponse(asdict(queries.log_lines(queries.find(workspace, name), int(after))))


@require_safe
@in_workspace
def curves(request: WorkspaceRequest, workspace: Workspace, name: str) -> JsonResponse:
    """Every metric by round, as JSON."""
    found = queries.curves(queries.find(workspace, name))
    return JsonResponse({"curves": [asdict(thinned(curve)) for curve in found]})


def thinned(curve: queries.Curve) -> queries.Curve:
    """The curve with no more points than a chart can show: of each stretch its lowest and its highest."""
    length = len(curve.steps)
    if length <= CHART_POINTS:
        return curve
    stretch = 2 * length // CHART_POINTS + 1
    kept: set[int] = {length - 1}
    for start in range(0, length, stretch):
        places = range(start, min(start + stretch, length))
        kept |= {min(places, key=curve.values.__getitem__), max(places, key=curve.values.__getitem__)}
    order = sorted(kept)
    return replace(curve, steps=[curve.steps[i] for i in order], values=[curve.values[i] for i in order])


@require_safe
@in_workspace
def log_download(request: WorkspaceRequest, workspace: Workspace, name: str) -> StreamingHttpResponse:
    """The whole log as a text file."""
    found = queries.find(workspace, name)
    return attachment(log_text(found), f"{found.name}.log", "text/plain; charset=utf-8")


def log_text(found: TrainingJob) -> Iterator[bytes]:
    """The log, a page of lines at a time: the moment in UTC, then the text."""
    after, more = 0, True
    while more:
        tail = queries.log_lines(found, after)
        yield "".join(f"{line.at:%Y-%m-%dT%H:%M:%S.%fZ}  {line.text}\n" for line in tail.lines).encode()
        after, more = tail.last, tail.more


@require_safe
@in_workspace
def model(request: WorkspaceRequest, workspace: Workspace, name: str) -> HttpResponseBase:
    """The model archive, passed through from S3."""
    found = queries.find(workspace, name)
    try:
        archive = model_archive(found)
    except Refusal as error:
        messages.error(request, f"The model cannot be downloaded: {error}")
        return redirect("training:job", workspace.slug, found.name)
    response = attachment(archive.chunks, archive.filename, "application/gzip")
    response["Content-Length"] = str(archive.size)
    return response


def attachment(chunks: Iterator[bytes], filename: str, content_type: str) -> StreamingHttpResponse:
    """A download that is never held in memory as a whole."""
    response = StreamingHttpResponse(in_threads(chunks), content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


async def in_threads(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """A blocking iterator as an asynchronous one; a blocking one would first be collected as a whole under ASGI."""
    take = sync_to_async(lambda: next(chunks, b""))
    while chunk := await take():
        yield chunk


@require_POST
@in_workspace
def stop(request: WorkspaceRequest, workspace: Workspace, name: str) -> HttpResponse:
    """Ask SageMaker to stop the job."""
    found = queries.find(workspace, name)
    try:
        services.request_stop(found, request.user)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("training:job", workspace.slug, found.name)
