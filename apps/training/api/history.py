"""The list of training jobs."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Path, Query, Schema

from apps.aws.queries import find_workspace
from apps.training import queries
from apps.training.api.router import router
from apps.training.api.schemas import JobOut

MAX_PAGE = 500


class JobsOut(Schema):
    """A page of jobs, newest first; `next_cursor` asks for the next one, null at the end."""

    items: list[JobOut]
    next_cursor: str | None


@router.get("", response=JobsOut, summary="List training jobs")
def history(
    request: HttpRequest,
    slug: Path[str],
    filter: str = "",
    sort: str = queries.NEWEST_FIRST,
    cursor: str = "",
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = queries.PAGE,
) -> queries.Page:
    """The workspace's jobs; `filter` as in `metrics.validation:auc > 0.9`, `sort` as in `-created`."""
    return queries.history(find_workspace(slug), cursor, limit, filter_text=filter, sort=sort)
