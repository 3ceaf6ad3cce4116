"""A version's objects as downloads: the raw file, and what was made of it."""

from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from apps.aws.access import WorkspaceRequest, in_workspace
from apps.aws.models import Workspace
from apps.core.downloads import attachment
from apps.core.errors import Refusal
from apps.core.toasts import toast
from apps.datasets import queries, services


@require_safe
@in_workspace
def part(request: WorkspaceRequest, workspace: Workspace, name: str, number: int, part: str) -> HttpResponseBase:
    """One of raw, train, validation, train.rows and validation.rows, passed through from S3."""
    version = queries.find_version(queries.find(workspace, name), number)
    if part not in services.PARTS:
        raise Http404(f"there is no part {part!r}")
    try:
        download = services.open_part(version, part)
    except Refusal as refusal:
        toast(request, f"This cannot be downloaded: {refusal.message}", level="bad")
        return redirect("datasets:detail", workspace.slug, name)
    response = attachment(download.chunks, download.filename, "application/octet-stream")
    response["Content-Length"] = str(download.size)
    return response
