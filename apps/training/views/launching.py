"""The page where a job is put together."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from apps.aws.access import WorkspaceRequest, in_workspace
from apps.aws.models import Workspace
from apps.aws.prices import instance_types
from apps.core.errors import InvalidInput, Refusal
from apps.datasets.queries import trainable
from apps.training import queries, services
from apps.training.forms import PREFIX, LaunchForm


@require_http_methods(["GET", "HEAD", "POST"])
@in_workspace
def new(request: WorkspaceRequest, workspace: Workspace) -> HttpResponse:
    """The form, and the launch; what is wrong is shown beside its field, with everything typed still there."""
    if request.method != "POST":
        return page(request, LaunchForm(workspace=workspace, initial=initial(request, workspace)))
    form = LaunchForm(request.POST, workspace=workspace)
    if not form.is_valid():
        return page(request, form)
    try:
        job = services.launch(workspace, request.user, form.spec())
    except Refusal as refusal:
        add_errors(form, refusal)
        return page(request, form)
    return redirect("training:job", workspace.slug, job.name)


def page(request: WorkspaceRequest, form: LaunchForm) -> HttpResponse:
    """The form with what it offers to choose from; 422 when something in it was refused."""
    context = {"form": form, "datasets": trainable(form.workspace), "instance_types": instance_types()}
    return render(request, "training/new.html", context, status=422 if form.errors else 200)


def add_errors(form: LaunchForm, refusal: Refusal) -> None:
    """Put a refusal beside the field it is about, or above the form."""
    fields = refusal.fields if isinstance(refusal, InvalidInput) else {refusal.field: [refusal.message]}
    for name, texts in fields.items():
        form.add_error(name if name in form.fields else None, texts)


def initial(request: WorkspaceRequest, workspace: Workspace) -> dict[str, Any]:
    """What stands in the form at first: an earlier job's values (`from`), or a data set and what suits it."""
    if "from" in request.GET:
        return of_job(workspace, request.GET["from"])
    known = {dataset.name: dataset for dataset in trainable(workspace)}
    chosen = known.get(request.GET.get("dataset", "")) or next(iter(known.values()), None)
    if chosen is None or chosen.current is None:
        return {}
    return {"dataset": chosen.name} | {PREFIX + name: value for name, value in chosen.current.suggested.items()}


def of_job(workspace: Workspace, name: str) -> dict[str, Any]:
    """The values that an earlier job was launched with, but for its name; raises NotFound."""
    job = queries.find(workspace, name)
    values: dict[str, Any] = {PREFIX + key: value for key, value in job.hyperparameters.items()}
    values |= {key: getattr(job, key) for key in ("instance_type", "instance_count", "max_runtime_seconds")}
    if job.dataset:
        return values | {"dataset": job.dataset.name}
    for channel, prefix in (("train", ""), ("validation", "validation_")):
        where = job.channels.get(channel, {})
        values |= {f"{channel}_s3_uri": where.get("s3_uri", ""), f"{prefix}content_type": where.get("content_type")}
    return values
