"""What people do with a job on its page: note, tags, star, archive, delete, stop, launch again."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from apps.aws.access import WorkspaceRequest, in_workspace
from apps.aws.models import Workspace
from apps.core.errors import Refusal
from apps.core.toasts import back, toast
from apps.training import queries, services
from apps.training.models import TrainingJob
from apps.training.notes import rendered


def address(view: str, job: TrainingJob) -> str:
    """The address of one of the job's calls."""
    return reverse(f"training:{view}", args=[job.workspace.slug, job.name])


def act(
    request: WorkspaceRequest, job: TrainingJob, does: Callable[[], None], said: str, undo_view: str = ""
) -> HttpResponse:
    """Do it and say so with its undo, or say why not; then back to where the button was."""
    try:
        does()
    except Refusal as refusal:
        toast(request, refusal.message, level="bad")
    else:
        if said:
            toast(request, said, undo_url=address(undo_view, job) if undo_view else "")
    return back(request, address("job", job))


@require_POST
@in_workspace
def stop(request: WorkspaceRequest, workspace: Workspace, name: str) -> HttpResponse:
    """Ask SageMaker to stop the job."""
    job = queries.find(workspace, name)
    return act(request, job, lambda: services.request_stop(job, request.user), "")


@require_POST
@in_workspace
def star(request: WorkspaceRequest, workspace: Workspace, name: str) -> HttpResponse:
    """Mark it as one to find again."""
    job = queries.find(workspace, name)
    return act(request, job, lambda: services.star(job, request.user), f"{job.name} is starred.", "unstar")


@require_POST
@in_workspace
def unstar(request: WorkspaceRequest, workspace: Workspace, name: str) -> HttpResponse:
    """Take that mark away."""
    job = queries.find(workspace, name)
    return act(request, job, lambda: services.unstar(job, request.user), f"{job.name} has lost its star.", "star")


@require_POST
@in_workspace
def archive(request: WorkspaceRequest, workspace: Workspace, name: str) -> HttpResponse:
    """Take it out of the history's usual view."""
    job = queries.find(workspace, name)
    return act(request, job, lambda: services.archive(job, request.user), f"{job.name} is archived.", "unarchive")


@require_POST
@in_workspace
def unarchive(request: WorkspaceRequest, workspace: Workspace, name: str) -> HttpResponse:
    """Bring it back."""
    job = queries.find(workspace, name)
    said = f"{job.name} is back in the history."
    return act(request, job, lambda: services.unarchive(job, request.user), said, "archive")


@require_POST
@in_workspace
def delete(request: WorkspaceRequest, workspace: Workspace, name: str) -> HttpResponse:
    """Delete it here and in SageMaker, and its model where that is ticked."""
    job = queries.find(workspace, name)
    try:
        services.delete(job, request.user, model="model" in request.POST)
    except Refusal as refusal:
        toast(request, refusal.message, level="bad")
        return redirect(address("job", job))
    toast(request, f"{job.name} is being deleted.")
    return redirect("training:history", workspace.slug)


@require_POST
@in_workspace
def retry(request: WorkspaceRequest, workspace: Workspace, name: str) -> HttpResponse:
    """Launch the same once more under a new name."""
    job = queries.find(workspace, name)
    try:
        new = services.retry(job, request.user)
    except Refusal as refusal:
        toast(request, refusal.message, level="bad")
        return redirect(address("job", job))
    return redirect(address("job", new))


@require_POST
@in_workspace
def note(request: WorkspaceRequest, workspace: Workspace, name: str) -> HttpResponse:
    """Keep the note; the script of the page gets the note's part of it, 422 with what is wrong and what was typed."""
    job = queries.find(workspace, name)
    typed = request.POST.get("note", "")
    if not request.htmx:
        return act(request, job, lambda: services.set_note(job, request.user, typed), "The note is kept.")
    try:
        services.set_note(job, request.user, typed)
    except Refusal as refusal:
        context = {"job": job, "note": rendered(job.note), "typed": typed, "error": refusal.message}
        return render(request, "training/job/note.html", context, status=refusal.status)
    return render(request, "training/job/note.html", {"job": job, "note": rendered(job.note)})


@require_POST
@in_workspace
def tags(request: WorkspaceRequest, workspace: Workspace, name: str) -> HttpResponse:
    """Set one tag (`key`, `value`) or take one away (`without`); an undo brings the same in its address."""
    job = queries.find(workspace, name)
    asked = request.GET if request.GET else request.POST
    before = dict(job.tags)
    key, removed = asked.get("key", "").strip(), asked.get("without", "")
    wanted = {name: value for name, value in before.items() if name != removed}
    if not removed:
        wanted[key] = asked.get("value", "")
    touched = removed or key
    undo = {"key": touched, "value": before[touched]} if touched in before else {"without": touched}
    try:
        services.set_tags(job, request.user, wanted)
    except Refusal as refusal:
        toast(request, refusal.message, level="bad")
    else:
        if wanted != before:
            said = f"{touched} is {'removed' if removed else 'set'}."
            toast(request, said, undo_url=f"{address('tags', job)}?{urlencode(undo)}")
    return back(request, address("job", job))
