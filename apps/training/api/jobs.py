"""One training job: what it is, its log and metrics, and stopping it."""

from datetime import datetime
from typing import Annotated, Any

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
