"""One training job: what it is, its log and metrics, stopping it and launching it again."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Path, Query, Schema, Status

from apps.accounts.api import TokenRequest
from apps.aws.queries import find_workspace
from apps.training import queries, services
from apps.training.api.router import router
from apps.training.api.schemas import JobOut
from apps.training.models import TrainingJob

MAX_LINES = 10_000


class LineOut(Schema):
    """One log line."""

    number: int
    at: datetime
    stream: str
    text: str


class LogsOut(Schema):
    """Log lines in order; `next_cursor` is the number to go on `after`, also at the present end."""

    items: list[LineOut]
    next_cursor: int
    more: bool


class FoundOut(Schema):
    """Where a text is in a log: `numbers` are line numbers, to be read by `logs?after=NUMBER-1`."""

    count: int
    numbers: list[int]


class CurveOut(Schema):
    """One metric by round."""

    name: str
    steps: list[int]
    values: list[float]
    best_step: int
    best_value: float


class CurvesOut(Schema):
    """All metrics of a job."""

    items: list[CurveOut]


@router.get("/{name}", response=JobOut, summary="Describe a training job")
def describe(request: HttpRequest, slug: Path[str], name: str) -> TrainingJob:
    """Its status, best metrics, model and failure reason."""
    return queries.find(find_workspace(slug), name)


@router.get("/{name}/logs", response=LogsOut, summary="Read a training job's log")
def logs(
    request: HttpRequest,
    slug: Path[str],
    name: str,
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_LINES)] = 1000,
) -> dict[str, Any]:
    """Lines behind line number `after`."""
    tail = queries.log_lines(queries.find(find_workspace(slug), name), after, limit)
    return {"items": tail.lines, "next_cursor": tail.last, "more": tail.more}


@router.get("/{name}/metrics", response=CurvesOut, summary="Read a training job's metrics")
def metrics(request: HttpRequest, slug: Path[str], name: str) -> dict[str, Any]:
    """Every metric by round, the objective metric first."""
    return {"items": queries.curves(queries.find(find_workspace(slug), name))}


@router.post("/{name}/stop", response={202: JobOut}, summary="Stop a training job")
def stop(request: TokenRequest, slug: Path[str], name: str) -> Status[TrainingJob]:
    """Note the wish; the worker asks SageMaker at once. 422 when the job has ended already."""
    job = queries.find(find_workspace(slug), name)
    services.request_stop(job, request.user)
    return Status(202, job)


@router.post("/{name}/retry", response={201: JobOut}, summary="Launch the same training job again")
def retry(request: TokenRequest, slug: Path[str], name: str) -> Status[TrainingJob]:
    """The same request under a new name; 422 for a job that the console cannot launch."""
    return Status(201, services.retry(queries.find(find_workspace(slug), name), request.user))


@router.get("/{name}/logs/search", response=FoundOut, summary="Find a text in a training job's log")
def search(
    request: HttpRequest,
    slug: Path[str],
    name: str,
    text: Annotated[str, Query(min_length=1, max_length=200)],
    level: Literal["", "warning", "error"] = "",
    stream: str = "",
) -> queries.FoundLines:
    """How many lines hold the text, in any case of its letters, and the numbers of the first 10,000 of them.

    `level` asks for lines of at least that level, `stream` for those of one instance.
    """
    return queries.log_search(queries.find(find_workspace(slug), name), text, level, stream)
