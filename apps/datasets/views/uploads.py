"""New files: the page that asks for one, the upload in parts, and registering what is in S3 already."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.aws.access import WorkspaceRequest, in_workspace
from apps.aws.models import Workspace
from apps.core.errors import InvalidInput, Refusal
from apps.datasets import queries, services
from apps.datasets.forms import RegisterForm, UploadForm
from apps.datasets.models import Upload

# Two forms on one page ask for a name: the second one's fields have ids of their own.
REGISTER_IDS = "register_%s"


@require_safe
@in_workspace
def new(request: WorkspaceRequest, workspace: Workspace) -> HttpResponse:
    """The page where a file is picked, or one in S3 is named."""
    initial = {"name": request.GET.get("of", "")[:63]}
    return page(request, workspace, UploadForm(initial=initial), RegisterForm(initial=initial, auto_id=REGISTER_IDS))


def page(
    request: WorkspaceRequest, workspace: Workspace, form: UploadForm, register_form: RegisterForm
) -> HttpResponse:
    """Both forms, and this person's uploads that wait to be gone on with."""
    context = {
        "form": form,
        "register_form": register_form,
        "unfinished": queries.unfinished(workspace, request.user).filter(offset__gt=0),
    }
    return render(request, "datasets/new.html", context, status=422 if register_form.errors else 200)


@require_POST
@in_workspace
def register(request: WorkspaceRequest, workspace: Workspace) -> HttpResponse:
    """Make a version of an object in S3."""
    form = RegisterForm(request.POST, auto_id=REGISTER_IDS)
    try:
        version = services.register(workspace, request.user, **form.checked())
    except Refusal as refusal:
        fields = refusal.fields if isinstance(refusal, InvalidInput) else {"s3_uri": [refusal.message]}
        for name, texts in fields.items():
            if name not in form.errors:
                form.add_error(name if name in form.fields else None, texts)
        return page(request, workspace, UploadForm(), form)
    return redirect("datasets:detail", workspace.slug, version.dataset.name)


@require_POST
@in_workspace
def begin(request: WorkspaceRequest, workspace: Workspace) -> HttpResponse:
    """Begin an upload, or find the unfinished one of the same file; where to go on, as JSON."""
    try:
        upload = services.begin_upload(workspace, request.user, **UploadForm(request.POST).checked())
    except Refusal as refusal:
        return refused(refusal)
    return JsonResponse(told(upload), status=201)


@require_http_methods(["GET", "PUT", "DELETE"])
@in_workspace
def upload(request: WorkspaceRequest, workspace: Workspace, pk: UUID) -> HttpResponseBase:
    """Where it stands; the next part of it (PUT, at byte `offset`); or its end."""
    try:
        found = queries.find_upload(workspace, request.user, pk)
        if request.method == "PUT":
            offset = request.GET.get("offset", "")
            if not (offset.isascii() and offset.isdigit() and len(offset) < 16):
                raise Refusal("Say at which byte the part begins: ?offset=0.", "offset")
            found = services.append(found, int(offset), request.read(found.part_bytes + 1))
        elif request.method == "DELETE":
            services.cancel(found)
            return HttpResponse(status=204)
    except Refusal as refusal:
        return refused(refusal)
    return JsonResponse(told(found))


@require_POST
@in_workspace
def finish(request: WorkspaceRequest, workspace: Workspace, pk: UUID) -> HttpResponse:
    """All parts are there: make a version of them; the address of its page, as JSON."""
    try:
        version = services.finish(queries.find_upload(workspace, request.user, pk))
    except Refusal as refusal:
        return refused(refusal)
    return JsonResponse({"url": reverse("datasets:detail", args=[workspace.slug, version.dataset.name])}, status=201)


def told(upload: Upload) -> dict[str, Any]:
    """An upload as its script needs it."""
    return {
        "url": reverse("datasets:upload", args=[upload.workspace.slug, upload.pk]),
        "offset": upload.offset,
        "size": upload.size_bytes,
        "part_bytes": upload.part_bytes,
    }


def refused(refusal: Refusal) -> JsonResponse:
    """The refusal by field, and where the upload stands when that is what it is about."""
    fields = refusal.fields if isinstance(refusal, InvalidInput) else {refusal.field: [refusal.message]}
    more = {"offset": refusal.offset} if isinstance(refusal, services.WrongOffset) else {}
    return JsonResponse({"errors": fields, **more}, status=refusal.status)
