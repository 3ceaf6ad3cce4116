"""The command palette's answers."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from apps.aws.access import WorkspaceRequest, in_workspace
from apps.aws.models import Workspace
from apps.training import palette
from apps.training.queries import named_like

MAX_TEXT = 100


@require_safe
@in_workspace
def find(request: WorkspaceRequest, workspace: Workspace) -> HttpResponse:
    """Jobs, data sets, pages and actions that `q` means; without it the newest jobs and all that can be done."""
    text = request.GET.get("q", "").replace("\0", "")[:MAX_TEXT].strip()
    found = palette.matching(palette.pages(workspace), text), palette.matching(palette.actions(workspace), text)
    named = named_like(workspace, text)
    jobs = [
        job_entry(workspace, job.name) | {"status": job.display_status, "kind": job.status_kind} for job in named.jobs
    ]
    datasets: list[dict[str, Any]] = [
        {"title": each.name, "icon": "database", "url": reverse("datasets:detail", args=[workspace.slug, each.name])}
        for each in named.datasets
    ]
    parts = [("Training jobs", jobs), ("Data sets", datasets), ("Pages", found[0]), ("Actions", found[1])]
    return render(request, "training/found.html", {"parts": parts, "any": any(entries for _, entries in parts)})


def job_entry(workspace: Workspace, name: str) -> dict[str, Any]:
    """The line of one job."""
    url = reverse("training:job", args=[workspace.slug, name])
    return {"title": name, "icon": "chart-spline", "url": url}
