"""A job's log in its page: which lines there are, the lines themselves, the places of a text, the whole as a file."""

import re
from collections.abc import Iterator
from typing import Any

from django.http import Http404, JsonResponse, StreamingHttpResponse
from django.views.decorators.http import require_safe

from apps.aws.access import WorkspaceRequest, in_workspace
from apps.aws.models import Workspace
from apps.core.downloads import attachment
from apps.training import queries
from apps.training.loglevels import LEVELS
from apps.training.models import TrainingJob

# Lines and spans that one request may ask for.
MOST_LINES = 2000
SPANS = re.compile(r"\d{1,15}-\d{1,15}(,\d{1,15}-\d{1,15}){0,499}", re.ASCII)
NUMBER = re.compile(r"\d{1,15}", re.ASCII)
LONGEST_TEXT = 200


@require_safe
@in_workspace
def log(request: WorkspaceRequest, workspace: Workspace, name: str) -> JsonResponse:
    """Which lines behind `after` are of the `level` and `stream`, as spans, and the last few of them as they are."""
    found = queries.find(workspace, name)
    level, stream = chosen(request)
    spans = queries.spans_of(found, level, stream, number(request, "after"))
    tail = last_of(spans, min(number(request, "tail"), MOST_LINES))
    return JsonResponse(
        {
            "spans": spans,
            "last": found.log_lines,
            "levels": found.log_levels,
            "streams": queries.stream_names(found),
            "lines": [as_json(line) for line in queries.lines_in(found, tail)],
        }
    )


@require_safe
@in_workspace
def lines(request: WorkspaceRequest, workspace: Workspace, name: str) -> JsonResponse:
    """The lines whose numbers are in `spans`, such as 1-50,77-77."""
    text = request.GET.get("spans", "")
    if not SPANS.fullmatch(text):
        raise Http404("spans must be pairs of line numbers such as 1-50,77-77")
    spans = [(int(first), int(last)) for first, last in (pair.split("-") for pair in text.split(","))]
    if sum(last - first + 1 for first, last in spans) > MOST_LINES or any(first > last for first, last in spans):
        raise Http404(f"ask for {MOST_LINES} lines at most, in order")
    found = queries.lines_in(queries.find(workspace, name), sorted(spans))
    return JsonResponse({"lines": [as_json(line) for line in found]})


@require_safe
@in_workspace
def search(request: WorkspaceRequest, workspace: Workspace, name: str) -> JsonResponse:
    """How many lines hold the text `q`, and the numbers of the first of them."""
    text = request.GET.get("q", "")
    if not text or len(text) > LONGEST_TEXT:
        raise Http404(f"q must be a text of 1 to {LONGEST_TEXT} characters")
    found = queries.log_search(queries.find(workspace, name), text, *chosen(request))
    return JsonResponse({"count": found.count, "numbers": found.numbers})


@require_safe
@in_workspace
def download(request: WorkspaceRequest, workspace: Workspace, name: str) -> StreamingHttpResponse:
    """The whole log as a text file."""
    found = queries.find(workspace, name)
    return attachment(log_text(found), f"{found.name}.log", "text/plain; charset=utf-8")


def log_text(found: TrainingJob) -> Iterator[bytes]:
    """The log, a page of lines at a time: the moment in UTC, then the text."""
    after, more = 0, True
    while more:
        tail = queries.log_lines(found, after)
        yield "".join(f"{line.at:%Y-%m-%dT%H:%M:%S.%fZ}  {line.text}\n" for line in tail.lines).encode()
        after, more = tail.last, tail.more


def chosen(request: WorkspaceRequest) -> tuple[str, str]:
    """The level and the stream that are asked for; empty for any."""
    level = request.GET.get("level", "")
    if level and level not in LEVELS:
        raise Http404(f"level must be one of {', '.join(LEVELS)}")
    return level, request.GET.get("stream", "")


def number(request: WorkspaceRequest, name: str) -> int:
    """A number of the address, 0 when it is not there."""
    text = request.GET.get(name, "0")
    if not NUMBER.fullmatch(text):
        raise Http404(f"{name} must be a line's number")
    return int(text)


def last_of(spans: list[queries.Span], count: int) -> list[queries.Span]:
    """The end of these spans that holds `count` lines."""
    found: list[queries.Span] = []
    for first, last in reversed(spans):
        if count <= 0:
            break
        found.insert(0, (max(first, last - count + 1), last))
        count -= last - first + 1
    return found


def as_json(line: queries.LogLine) -> dict[str, Any]:
    """A line as the page's script takes it."""
    return {"number": line.number, "at": line.at, "stream": line.stream, "text": line.text, "level": line.level}
