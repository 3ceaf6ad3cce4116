"""Jobs side by side."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.aws.access import WorkspaceRequest, in_workspace
from apps.aws.models import Workspace
from apps.core.errors import NotFound, Refusal
from apps.training import queries


@require_safe
@in_workspace
def compare(request: WorkspaceRequest, workspace: Workspace) -> HttpResponse:
    """What differs between 2 to 10 jobs, and their curves in one chart."""
    given = request.GET.getlist("jobs")
    names = [name for part in given for name in part.split(",") if name]
    try:
        found = queries.compare(workspace, names)
    except NotFound:
        raise
    except Refusal as refusal:
        return render(request, "training/compare.html", {"wrong": refusal.message}, status=422)
    context = {"comparison": found, "names": ",".join(job.name for job in found.jobs), "columns": len(found.jobs) + 1}
    return render(request, "training/compare.html", context)
