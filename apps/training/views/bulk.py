"""The same done to many jobs of the history, and taken back."""

from collections.abc import Sequence
from itertools import islice

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from apps.aws.access import WorkspaceRequest, in_workspace
from apps.aws.models import Workspace
from apps.core.errors import Refusal
from apps.core.toasts import back, toast
from apps.training import queries, services
from apps.training.filterfields import Asker
from apps.training.models import TrainingJob

WORDS = {"stop": "Asked to stop", "archive": "Archived", "unarchive": "Brought back", "tag": "Tagged"}
# What the session keeps of the last change, to take it back.
LAST = "history-last"


@require_POST
@in_workspace
def bulk(request: WorkspaceRequest, workspace: Workspace) -> HttpResponse:
    """Do what `action` says to the chosen jobs, or with `all` to every one that the filter finds."""
    here = reverse("training:history", args=(workspace.slug,))
    action = request.POST.get("action", "")
    name, _, value = request.POST.get("tag", "").partition("=")
    try:
        jobs = chosen(request, workspace)
        result = services.in_bulk(jobs, request.user, action, {name.strip(): value.strip()} if name.strip() else None)
    except Refusal as refusal:
        toast(request, refusal.message, level="bad")
        return back(request, here)
    undo = ""
    if result.done and action != "stop":
        undo = reverse("training:bulk_undo", args=(workspace.slug,))
        request.session[LAST] = {"workspace": workspace.pk, "action": action, "tags": result.tags_before}
    if result.done:
        toast(request, f"{WORDS[action]}: {counted(result.done)}.", undo_url=undo)
    if result.refused:
        first = next(iter(result.refused.values()))
        toast(request, f"Not done for {counted(list(result.refused))}: {first}", level="warn")
    return back(request, here)


def chosen(request: WorkspaceRequest, workspace: Workspace) -> list[TrainingJob]:
    """The jobs that the form names; raises Refusal for none and for too many."""
    if request.POST.get("all"):
        view = queries.View.of(Asker(workspace, request.user), request.POST.get("filter", ""))
        jobs = list(islice(queries.every(view), services.MOST + 1))
    else:
        jobs = queries.named(workspace, request.POST.getlist("jobs")[: services.MOST + 1])
    if not jobs:
        raise Refusal("Choose at least one job first.", "jobs")
    if len(jobs) > services.MOST:
        raise Refusal(f"At most {services.MOST:,} jobs at once: narrow the filter, or choose them.", "jobs")
    return jobs


def counted(names: Sequence[str]) -> str:
    """A job's name, or how many there are."""
    return names[0] if len(names) == 1 else f"{len(names):,} jobs"


@require_POST
@in_workspace
def undo(request: WorkspaceRequest, workspace: Workspace) -> HttpResponse:
    """Take back the last change that the person made to many jobs at once."""
    last = request.session.pop(LAST, None)
    if last is None or last["workspace"] != workspace.pk:
        raise Http404("there is nothing to take back")
    jobs = queries.named(workspace, list(last["tags"]))
    if last["action"] == "tag":
        services.retag(jobs, request.user, last["tags"])
    else:
        services.in_bulk(jobs, request.user, "unarchive" if last["action"] == "archive" else "archive")
    toast(request, f"As before: {counted([job.name for job in jobs])}.", level="info")
    return back(request, reverse("training:history", args=(workspace.slug,)))
