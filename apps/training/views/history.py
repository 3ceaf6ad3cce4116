"""The history: its page, how many jobs match, what can be written in its filter, its columns and its file."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from apps.aws.access import WorkspaceRequest, in_workspace
from apps.aws.models import Workspace
from apps.core.downloads import attachment
from apps.core.errors import Refusal
from apps.core.toasts import toast
from apps.training import queries, services
from apps.training.columns import COLUMNS, Column, row
from apps.training.csvfile import lines
from apps.training.filterfields import Asker, fact_key

# Filters that are a click away.
CHIPS = {
    "Running": "status in (Requested, InProgress, Stopping)",
    "Failed": "status = Failed",
    "Starred": "starred = yes",
    "Archived": "archived = yes",
}


@require_safe
@in_workspace
def history(request: WorkspaceRequest, workspace: Workspace) -> HttpResponse:
    """The workspace's jobs, filtered and sorted as the address says, a page at a time."""
    cursor, filter_text = request.GET.get("before", ""), request.GET.get("filter", "")
    sort = request.GET.get("sort", queries.NEWEST_FIRST)
    asker = Asker(workspace, request.user)
    page, columns, wrong = queries.Page([], None), list[Column](), ""
    try:
        columns = queries.columns(request.user, names(request))
        page = queries.history(workspace, cursor, filter_text=filter_text, sort=sort, asker=asker, whole=False)
    except Refusal as error:
        if error.field != "filter":
            raise Http404(error.message) from error
        wrong = error.message
    context = {
        "page": page,
        "rows": [row(job, columns) for job in page.items],
        "columns": heads(columns, sort),
        "cursor": cursor,
        "filter_text": filter_text,
        "filter_query": urlencode({"filter": filter_text}),
        "sort": sort,
        "wrong": wrong,
        "sorts": queries.sorts(page.items, sort),
        "chips": {"Everyone": "", "Mine": f'owner = "{request.user.username}"'} | CHIPS,
    }
    if not request.htmx:
        context |= {"choices": choices(columns), "fact_columns": [each.name for each in columns if "." in each.name]}
    template = f"training/history.html{'#jobs' if request.htmx else ''}"
    return render(request, template, context, status=422 if wrong else 200)


def names(request: WorkspaceRequest) -> list[str]:
    """The columns that the address names."""
    return [name.strip() for part in request.GET.getlist("columns") for name in part.split(",") if name.strip()]


def heads(columns: Sequence[Column], sort: str) -> list[dict[str, Any]]:
    """The head of each column: its title, the order that a click on it asks for, and the order that it has now."""
    name, falling = sort.removeprefix("-"), sort.startswith("-")
    name = fact_key(name) or name
    found = []
    for each in columns:
        now = bool(each.sort) and each.sort == name
        order = ("descending" if falling else "ascending") if now else ""
        found.append({"column": each, "now": order, "next": each.sort if now and falling else f"-{each.sort}"})
    return found


def choices(columns: Sequence[Column]) -> list[tuple[Column, bool]]:
    """The columns that every job has, and whether they are shown."""
    shown = {each.name for each in columns}
    return [(column, name in shown) for name, column in COLUMNS.items()]


@require_safe
@in_workspace
def count(request: WorkspaceRequest, workspace: Workspace) -> HttpResponse:
    """How many jobs match: asked for by the page once it stands, for a database counts them one by one."""
    try:
        view = queries.View.of(Asker(workspace, request.user), request.GET.get("filter", ""))
    except Refusal as error:
        raise Http404(error.message) from error
    context = {"count": view.jobs().count(), "filtered": view.wanted.conditions}
    return render(request, "training/history_count.html", context)


@require_safe
@in_workspace
def suggestions(request: WorkspaceRequest, workspace: Workspace) -> JsonResponse:
    """Fields that begin as `q`, or with `field` its values that do."""
    field, beginning = request.GET.get("field", ""), request.GET.get("q", "")[:200]
    if field:
        return JsonResponse({"items": queries.suggested_values(workspace, field[:200], beginning)})
    return JsonResponse({"items": queries.suggested_fields(workspace, beginning)})


@require_POST
@in_workspace
def choose_columns(request: WorkspaceRequest, workspace: Workspace) -> HttpResponse:
    """Remember the person's columns, and show the same view with them."""
    chosen = [*request.POST.getlist("columns"), *request.POST.get("facts", "").replace(",", " ").split()]
    shown = {name: request.POST[name] for name in ("filter", "sort") if request.POST.get(name)}
    address = redirect("training:history", workspace.slug)
    try:
        kept = services.choose_columns(request.user, chosen)
    except Refusal as error:
        toast(request, error.message, level="bad")
        address["Location"] += f"?{urlencode(shown)}"
        return address
    address["Location"] += f"?{urlencode(shown | {'columns': ','.join(kept)})}"
    return address


@require_safe
@in_workspace
def export(request: WorkspaceRequest, workspace: Workspace) -> StreamingHttpResponse:
    """The whole view as a CSV file: every column of the page and every fact, all jobs that match."""
    try:
        columns = queries.columns(request.user, names(request))
        sort = request.GET.get("sort", queries.NEWEST_FIRST)
        view = queries.View.of(Asker(workspace, request.user), request.GET.get("filter", ""), sort)
    except Refusal as error:
        raise Http404(error.message) from error
    return attachment(lines(view, columns), f"training-jobs-{workspace.slug}.csv", "text/csv; charset=utf-8")
