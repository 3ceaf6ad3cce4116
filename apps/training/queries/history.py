"""The history: a workspace's jobs, a page at a time, never repeating and never skipping."""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from apps.aws.models import Workspace
from apps.core.errors import Refusal
from apps.training.models import TrainingJob
from apps.training.queries.jobs import jobs_of

PAGE = 50


@dataclass(frozen=True)
class Page:
    """Some jobs, and the cursor of those behind them; None at the end."""

    items: list[TrainingJob]
    next_cursor: str | None


def history(workspace: Workspace, cursor: str = "", limit: int = PAGE) -> Page:
    """The workspace's jobs, newest first, from `cursor` on; raises Refusal for a cursor that is not ours."""
    jobs = jobs_of(workspace)
    if cursor:
        created_at, pk = _decoded(cursor)
        jobs = jobs.filter(Q(created_at__lt=created_at) | Q(created_at=created_at, pk__lt=pk))
    found = list(jobs[: limit + 1])
    more = len(found) > limit
    return Page(found[:limit], _encoded(found[limit - 1]) if more else None)


def _encoded(job: TrainingJob) -> str:
    return base64.urlsafe_b64encode(f"{job.created_at.isoformat()} {job.pk}".encode()).decode()


def _decoded(cursor: str) -> tuple[datetime, int]:
    try:
        moment, pk = base64.urlsafe_b64decode(cursor.encode()).decode().split(" ")
        return datetime.fromisoformat(moment), int(pk)
    except (ValueError, binascii.Error) as error:
        raise Refusal("this is not a cursor that an earlier page gave", "cursor") from error
