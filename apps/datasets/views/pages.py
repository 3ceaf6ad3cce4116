"""The list of data sets, the page of one, and what people do there."""

from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from apps.aws.access import WorkspaceRequest, in_workspace
from apps.aws.models import Workspace
from apps.core.errors import NotFound, Refusal
from apps.core.toasts import toast
from apps.datasets import queries, services
from apps.datasets.choice import can_be_feature
from apps.datasets.forms import ChoiceForm
from apps.datasets.models import Dataset, DatasetVersion
from apps.datasets.states import WORKING, VersionState

# htmx stops polling when it is answered by this status.
STOP_POLLING = 286


@require_safe
@in_workspace
def datasets(request: WorkspaceRequest, workspace: Workspace) -> HttpResponse:
    """The workspace's data sets, those whose name, title or source has the words of `q`."""
    words = request.GET.get("q", "")[:200]
    context = {"rows": queries.listed(workspace, words), "count": queries.count(workspace), "words": words}
    return render(request, f"datasets/list.html{'#rows' if request.htmx else ''}", context)


@require_safe
@in_workspace
def detail(request: WorkspaceRequest, workspace: Workspace, name: str) -> HttpResponse:
    """One data set: what it is, whether it is ready, what is in it."""
    return render(request, "datasets/detail.html", shown(queries.find(workspace, name), request.GET))


@require_safe
@in_workspace
def live(request: WorkspaceRequest, workspace: Workspace, name: str) -> HttpResponse:
    """What of that page changes while a worker reads the file."""
    try:
        context = shown(queries.find(workspace, name), request.GET)
    except NotFound:
        response = HttpResponse(status=STOP_POLLING)
        response["HX-Redirect"] = reverse("datasets:list", args=[workspace.slug])
        return response
    status = 200 if context["working"] else STOP_POLLING
    return render(request, "datasets/detail.html#body", context, status=status)


def shown(dataset: Dataset, query: QueryDict, form: ChoiceForm | None = None) -> dict[str, Any]:
    """What the page needs: the version that the address or the refused form is about, else the newest."""
    versions = queries.versions(dataset)
    asked = str(form.version.number) if form else query.get("version", "")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 9 else None
    version = next((each for each in versions if number in (None, each.number)), None)
    if version is None:
        raise NotFound(f"{dataset.name} has no such version", "version")
    version.dataset = dataset
    choosing = version.state == VersionState.PROFILED or ("choose" in query and bool(version.sha256))
    form = form or (ChoiceForm(version=version) if choosing else None)
    return {
        "dataset": dataset,
        "version": version,
        "versions": versions,
        "form": form,
        "columns": column_rows(version, form),
        "working": any(each.state in WORKING for each in versions),
        "jobs": queries.jobs_of(version),
        "address": f"?{query.urlencode()}" if query else "",
    }


def column_rows(version: DatasetVersion, form: ChoiceForm | None) -> list[dict[str, Any]]:
    """Each column with what it is used for, or may be."""
    target = str(form["target"].value()) if form else version.target
    used = form.features if form and form.features is not None else version.features
    rows = []
    for column in version.columns:
        can = can_be_feature(column)
        is_used = column["name"] in used if used else can and not version.is_ready
        rows.append(
            column
            | {"can": can, "is_target": column["name"] == target, "is_used": is_used and column["name"] != target}
            | {"null_share": 100 * column["nulls"] / version.row_count if version.row_count else 0.0}
        )
    return rows


@require_POST
@in_workspace
def choose(request: WorkspaceRequest, workspace: Workspace, name: str, number: int) -> HttpResponse:
    """Prepare a version by the choice of target and columns."""
    dataset = queries.find(workspace, name)
    version = queries.find_version(dataset, number)
    form = ChoiceForm(request.POST, version=version, features=request.POST.getlist("features"))
    if form.is_valid() and form.choice:
        try:
            made = services.apply_choice(
                version, request.user, form.choice, form.cleaned_data["holdout"], form.seed_given
            )
            return redirect(f"{reverse('datasets:detail', args=[workspace.slug, name])}?version={made.number}")
        except Refusal as refusal:
            form.add_error(None, refusal.message)
    return render(request, "datasets/detail.html", shown(dataset, request.GET, form), status=422)


@require_POST
@in_workspace
def delete(request: WorkspaceRequest, workspace: Workspace, name: str) -> HttpResponse:
    """Delete the data set with all its versions."""
    dataset = queries.find(workspace, name)
    try:
        services.request_delete(dataset, request.user)
    except Refusal as refusal:
        toast(request, refusal.message, level="bad")
        return redirect("datasets:detail", workspace.slug, name)
    toast(request, f"{name} is being deleted.")
    return redirect("datasets:list", workspace.slug)
