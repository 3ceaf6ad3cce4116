"""A job's launch as code, for its page."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.aws.access import WorkspaceRequest, in_workspace
from apps.aws.models import Workspace
from apps.core.errors import Refusal
from apps.training import queries
from apps.training.aws.requests import create_request
from apps.training.catalogue import ALGORITHMS
from apps.training.code import snippets


@require_safe
@in_workspace
def code(request: WorkspaceRequest, workspace: Workspace, name: str) -> HttpResponse:
    """The request that made the job, as three programs; why not, where the account cannot be asked."""
    job = queries.find(workspace, name)
    programs, missing = [], ""
    try:
        if job.algorithm not in ALGORITHMS:
            raise Refusal("The console does not know this job's algorithm, so it cannot write its launch down.")
        found = snippets(create_request(job), workspace.region)
        programs = [("boto3", found.boto3), ("AWS CLI", found.cli), ("SageMaker SDK v3", found.sdk)]
    except Refusal as refusal:
        missing = refusal.message
    return render(request, "training/job/code.html", {"programs": programs, "missing": missing})
