"""The pages where a job is put together: the gallery of algorithms, and the form of one."""

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.aws.access import WorkspaceRequest, in_workspace
from apps.aws.images import known_repositories
from apps.aws.models import Workspace
from apps.aws.prices import instance_types
from apps.core.errors import InvalidInput, NotFound, Refusal
from apps.datasets.queries import trainable
from apps.training import queries, services
from apps.training.catalogue import ALGORITHMS, Algorithm
from apps.training.forms import PREFIX, LaunchForm
from apps.training.recommending import recommended, suggestions
from apps.training.services.previewing import preview
from apps.training.views.beginning import algorithm_of, beginning

FAMILIES = ("Tables", "Your own code", "Text", "Time series", "Images")


@require_safe
@in_workspace
def gallery(request: WorkspaceRequest, workspace: Workspace) -> HttpResponse:
    """All algorithms, those that suit a data set first; an earlier job's name leads to its algorithm's form."""
    if "from" in request.GET:
        job = queries.find(workspace, request.GET["from"])
        address = reverse("training:launch", args=(workspace.slug, algorithm_of(job)))
        return redirect(f"{address}?{urlencode({'from': job.name})}")
    sets = trainable(workspace)
    chosen = next((each for each in sets if each.name == request.GET.get("dataset")), None)
    there = known_repositories(workspace)
    by_use = sorted(
        ALGORITHMS.values(), key=lambda each: (min((r.rank for r in each.recommended), default=99), each.title)
    )
    groups = [(title, [each for each in by_use if each.family == title]) for title in FAMILIES]
    context = {
        "groups": groups,
        "tasks": sorted({task for each in ALGORITHMS.values() for task in each.tasks}),
        "count": len(ALGORITHMS),
        "datasets": sets,
        "chosen": chosen,
        "recommended": recommended(chosen.current) if chosen and chosen.current else [],
        "elsewhere": {each.name for each in ALGORITHMS.values() if not each.runs_with(there)},
        "asked": there is not None,
    }
    return render(request, "training/gallery.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@in_workspace
def launch(request: WorkspaceRequest, workspace: Workspace, algorithm: str) -> HttpResponse:
    """The form, and the launch; what is wrong is shown beside its field, with everything typed still there."""
    kind = find(algorithm)
    if request.method != "POST":
        initial = beginning(workspace, kind, request.GET.dict())
        return page(request, LaunchForm(workspace=workspace, algorithm=algorithm, initial=initial))
    form = sent(request, workspace, algorithm)
    if not form.is_valid():
        return page(request, form)
    try:
        job = services.launch(workspace, request.user, form.spec())
    except Refusal as refusal:
        add_errors(form, refusal)
        return page(request, form)
    return redirect("training:job", workspace.slug, job.name)


@require_POST
@in_workspace
def check(request: WorkspaceRequest, workspace: Workspace, algorithm: str) -> HttpResponse:
    """What the form says of what is typed so far: price, estimate, code, and what is wrong beside which field."""
    find(algorithm)
    form = LaunchForm(request.POST, workspace=workspace, algorithm=algorithm)
    form.is_valid()
    errors = {
        form[name].id_for_label: " ".join(map(str, texts)) for name, texts in form.errors.items() if name in form.fields
    }
    context = {"form": form, "preview": preview(form, request.user), "errors": errors}
    return render(request, "training/new/checked.html", context)


def find(algorithm: str) -> Algorithm:
    """The algorithm of that name; raises NotFound."""
    if algorithm not in ALGORITHMS:
        raise NotFound(f"there is no algorithm {algorithm!r}", "algorithm")
    return ALGORITHMS[algorithm]


def sent(request: WorkspaceRequest, workspace: Workspace, algorithm: str) -> LaunchForm:
    """The form as it was sent; an uploaded program is stored first, so that it need not be chosen again."""
    data, refused = request.POST.copy(), None
    upload = request.FILES.get("script")
    if upload and ALGORITHMS[algorithm].kind == "script":
        try:
            for name, value in services.bring_upload(workspace, upload, data.get("program", "")).items():
                data[name] = value
        except Refusal as refusal:
            refused = refusal
    form = LaunchForm(data, workspace=workspace, algorithm=algorithm)
    form.is_valid()
    if refused:
        form.errors.pop("script", None)
        form.add_error(refused.field if refused.field in form.fields else "script", refused.message)
    return form


def page(request: WorkspaceRequest, form: LaunchForm) -> HttpResponse:
    """The form with what it offers to choose from; 422 when something in it was refused."""
    typed = form
    if not form.is_bound:
        typed = LaunchForm(form.as_typed(), workspace=form.workspace, algorithm=form.algorithm.name)
        typed.is_valid()
    sets = trainable(form.workspace) if form.algorithm.labelled else []
    context = {
        "form": form,
        "datasets": [(each, suggestions(form.algorithm, each.current)) for each in sets if each.current],
        "instance_types": instance_types(),
        "preview": preview(typed, request.user),
        "elsewhere": not form.algorithm.runs_with(known_repositories(form.workspace)),
        "prefix": PREFIX,
    }
    return render(request, "training/new.html", context, status=422 if form.errors else 200)


def add_errors(form: LaunchForm, refusal: Refusal) -> None:
    """Put a refusal beside the field it is about, or above the form."""
    fields = refusal.fields if isinstance(refusal, InvalidInput) else {refusal.field: [refusal.message]}
    for name, texts in fields.items():
        form.add_error(name if name in form.fields else None, texts)
