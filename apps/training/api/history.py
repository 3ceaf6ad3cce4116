"""The list of training jobs, what differs between some of them, and the same done to many."""

from typing import Annotated, Literal

from django.http import HttpRequest, StreamingHttpResponse
from ninja import Field, Path, Query, Schema
from pydantic import ConfigDict

from apps.accounts.api import TokenRequest
from apps.aws.queries import find_workspace
from apps.core.downloads import attachment
from apps.training import queries, services
from apps.training.api.router import router
from apps.training.api.schemas import JobOut
from apps.training.csvfile import lines
from apps.training.filterfields import Asker

MAX_PAGE = 500


class JobsOut(Schema):
    """A page of jobs, newest first; `next_cursor` asks for the next one, null at the end."""

    items: list[JobOut]
    next_cursor: str | None


class LineOut(Schema):
    """A property with a text for each of the jobs, and whether theirs is the best."""

    title: str
    values: list[str]
    best: list[bool]


class SectionOut(Schema):
    """Some properties under a title."""

    title: str
    lines: list[LineOut]


class ComparisonOut(Schema):
    """The jobs in the order that was asked for, what differs between them, and what is the same in all."""

    jobs: list[JobOut]
    different: list[SectionOut]
    same: list[SectionOut]


class BulkIn(Schema):
    """What to do to which jobs; `tags` are added by the action "tag"."""

    model_config = ConfigDict(extra="forbid")
    action: Literal["stop", "archive", "unarchive", "tag"]
    jobs: Annotated[list[str], Field(min_length=1, max_length=services.MOST)]
    tags: dict[str, str] = {}


class BulkOut(Schema):
    """The names of the jobs that were changed, and of those that were not with the reason."""

    done: list[str]
    refused: dict[str, str]


@router.get("", response=JobsOut, summary="List training jobs")
def history(
    request: TokenRequest,
    slug: Path[str],
    filter: str = "",
    sort: str = queries.NEWEST_FIRST,
    cursor: str = "",
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = queries.PAGE,
) -> queries.Page:
    """The workspace's jobs; `filter` as in `metrics.validation:auc > 0.9`, `sort` as in `-created`.

    Archived ones only where the filter speaks of them, as in `archived = yes`.
    """
    workspace = find_workspace(slug)
    asker = Asker(workspace, request.user)
    return queries.history(workspace, cursor, limit, filter_text=filter, sort=sort, asker=asker)


@router.get("/compare", response=ComparisonOut, summary="Compare training jobs")
def compare(request: HttpRequest, slug: Path[str], jobs: str) -> queries.Comparison:
    """What differs between 2 to 10 jobs, named with commas."""
    return queries.compare(find_workspace(slug), [name for name in jobs.split(",") if name])


@router.post("/bulk", response=BulkOut, summary="Stop, archive or tag many training jobs")
def bulk(request: TokenRequest, slug: Path[str], payload: BulkIn) -> services.Done:
    """Each as if it were asked for alone; a name that is not there is refused as the others."""
    workspace = find_workspace(slug)
    found = queries.named(workspace, payload.jobs)
    result = services.in_bulk(found, request.user, payload.action, payload.tags)
    missing = set(payload.jobs) - {job.name for job in found}
    result.refused.update({name: f"there is no training job {name!r}" for name in sorted(missing)})
    return result


@router.get("/export", summary="Training jobs as a CSV file")
def export(
    request: TokenRequest, slug: Path[str], filter: str = "", sort: str = queries.NEWEST_FIRST
) -> StreamingHttpResponse:
    """All jobs that match, a line each, streamed."""
    view = queries.View.of(Asker(find_workspace(slug), request.user), filter, sort)
    return attachment(lines(view), "training-jobs.csv", "text/csv; charset=utf-8")
