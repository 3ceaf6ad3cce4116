"""The download of a job's model."""

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from apps.aws.access import WorkspaceRequest, in_workspace
from apps.aws.models import Workspace
from apps.core.downloads import attachment
from apps.core.errors import Refusal
from apps.training import queries
from apps.training.aws.artifacts import model_archive


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
