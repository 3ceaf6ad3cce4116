"""Pages of the history never repeat and never skip."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from apps.aws.models import Workspace
from apps.core import clock
from apps.core.errors import NotFound, Refusal
from apps.training import queries
from apps.training.models import TrainingJob


def names(workspace: Workspace, limit: int) -> list[str]:
    """All names, page after page."""
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = queries.history(workspace, cursor, limit)
        found += [job.name for job in page.items]
        cursor = page.next_cursor
    return found


@pytest.mark.parametrize("limit", [1, 3, 7, 10, 11])
def test_every_job_stands_on_one_page_newest_first(
    workspace: Workspace, make_job: Callable[..., TrainingJob], limit: int
) -> None:
    now = clock.now()
    for age in (0, 0, 1, 2, 2, 2, 3, 4, 5, 6):
        make_job(created_at=now - timedelta(seconds=age))
    ordered = list(TrainingJob.objects.order_by("-created_at", "-pk").values_list("name", flat=True))
    assert names(workspace, limit) == ordered


def test_a_job_launched_while_one_reads_moves_no_other(
    workspace: Workspace, make_job: Callable[..., TrainingJob]
) -> None:
    for _ in range(4):
        make_job()
    first = queries.history(workspace, limit=2)
    make_job()
    second = queries.history(workspace, first.next_cursor or "", limit=2)
    assert {job.name for job in first.items} | {job.name for job in second.items} == {f"job-{n}" for n in range(1, 5)}


@pytest.mark.parametrize("sort", ["-created", "name", "-duration", "hp.eta"])
@pytest.mark.parametrize(
    "parts",
    ["no JSON", [], ["{sort}", "abc", 1], ["{sort}", {"a": 1}, 1], ["{sort}", 1e400, 1], ["{sort}", 1, 2**70], 7],
)
def test_a_cursor_of_somebody_elses_making_is_refused(workspace: Workspace, sort: str, parts: object) -> None:
    text = parts if isinstance(parts, str) else json.dumps(parts).replace("{sort}", sort)
    cursor = base64.urlsafe_b64encode(text.encode()).decode()
    try:
        assert queries.history(workspace, cursor, sort=sort).items == []  # a name may be any text
    except Refusal as refusal:
        assert refusal.field == "cursor"  # noqa: PT017


def test_a_cursor_that_is_no_base64_is_refused(workspace: Workspace) -> None:
    with pytest.raises(Refusal, match="not a cursor"):
        queries.history(workspace, "äöü")


def test_an_unknown_job_is_not_found(workspace: Workspace) -> None:
    with pytest.raises(NotFound, match="'nobody'"):
        queries.find(workspace, "nobody")


def test_what_runs_is_counted_and_priced(workspace: Workspace, make_job: Callable[..., TrainingJob]) -> None:
    make_job(status="InProgress", price_per_hour="0.23", instance_count=2)
    make_job(status="InProgress", price_per_hour=None)
    make_job(status="Failed", price_per_hour="9", ended_at=clock.now(), created_at=clock.now() - timedelta(days=3))
    make_job(status="Requested", price_per_hour="9")
    counts = queries.counts(workspace)
    assert (counts.total, counts.running, counts.failed_since_yesterday) == (4, 2, 1)
    assert counts.burn_per_hour == Decimal("0.46")
