"""The history: a workspace's jobs, filtered and sorted, a page at a time, never repeating and never skipping."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.timezone import is_aware, make_aware

from apps.aws.models import Workspace
from apps.core.errors import Refusal
from apps.training.catalogue import higher_is_better
from apps.training.filters import KINDS, where
from apps.training.models import JobFact, TrainingJob
from apps.training.queries.jobs import jobs_of

PAGE = 50
NEWEST_FIRST = "-created"
# The largest key and count that a database column holds.
LARGEST = 2**63
# What can be sorted by besides "metrics.NAME" and "hyperparameters.NAME".
COLUMNS = {"created": "created_at", "name": "name", "duration": "billable_seconds", "started": "started_at"}

SORTS = {
    "-created": "newest first",
    "created": "oldest first",
    "-duration": "longest first",
    "duration": "shortest first",
    "name": "by name",
}


@dataclass(frozen=True)
class Page:
    """Some jobs, and the cursor of those behind them; None at the end."""

    items: list[TrainingJob]
    next_cursor: str | None


@dataclass(frozen=True)
class Order:
    """A sort order: by a column, or by a fact of the jobs. Jobs without a value come last, the newest first."""

    text: str
    column: str = ""
    fact: str = ""

    @classmethod
    def parse(cls, text: str) -> "Order":
        """Read "-metrics.validation:auc"; raises Refusal."""
        name = text.removeprefix("-")
        kind = next((kind for beginning, kind in KINDS.items() if name.startswith(beginning)), None)
        if kind:
            return cls(text, fact=kind + name.partition(".")[2])
        if name not in COLUMNS:
            known = ", ".join([*COLUMNS, "metrics.NAME", "hyperparameters.NAME"])
            raise Refusal(f"{name!r} cannot be sorted by; known are {known}", "sort")
        return cls(text, column=COLUMNS[name])

    @property
    def descending(self) -> bool:
        """Whether the largest comes first."""
        return self.text.startswith("-")

    def with_value(self, jobs: QuerySet[TrainingJob]) -> QuerySet[TrainingJob]:
        """The jobs that have a value, in order; it is their `sort_value`."""
        if self.fact:
            facts = {"facts__workspace": F("workspace"), "facts__key": self.fact, "facts__number__isnull": False}
            jobs, tie = jobs.filter(**facts).annotate(sort_value=F("facts__number")), "facts__job"
        else:
            jobs, tie = jobs.exclude(**{self.column: None}).annotate(sort_value=F(self.column)), "pk"
        sign = "-" if self.descending else ""
        return jobs.order_by(f"{sign}sort_value", f"{sign}{tie}")

    def without_value(self, jobs: QuerySet[TrainingJob]) -> QuerySet[TrainingJob]:
        """The others, the newest first."""
        if self.fact:
            has = JobFact.objects.filter(
                job=OuterRef("pk"), workspace=OuterRef("workspace"), key=self.fact, number__isnull=False
            )
            jobs = jobs.exclude(Exists(has))
        else:
            jobs = jobs.filter(**{self.column: None})
        return jobs.order_by("-pk")

    def read_value(self, value: Any) -> Any:
        """A cursor's value as the column has it; raises ValueError or TypeError for another kind of value."""
        if self.column in ("created_at", "started_at"):
            moment = datetime.fromisoformat(value)
            return moment if is_aware(moment) else make_aware(moment)
        if self.column == "name":
            return str(value)
        number = float(value) if self.fact else int(value)
        if not (isfinite(number) if self.fact else abs(number) < LARGEST):
            raise ValueError(value)
        return number

    def behind(self, value: Any, pk: int) -> Q:
        """What comes behind a job with this value; the first condition lets the database use its index."""
        beyond, or_same = ("lt", "lte") if self.descending else ("gt", "gte")
        further = Q(**{f"sort_value__{beyond}": value}) | Q(**{"sort_value": value, f"pk__{beyond}": pk})
        return Q(**{f"sort_value__{or_same}": value}) & further


def history(
    workspace: Workspace, cursor: str = "", limit: int = PAGE, *, filter_text: str = "", sort: str = NEWEST_FIRST
) -> Page:
    """The workspace's jobs that match, from `cursor` on; raises Refusal for a filter, sort or cursor that is none."""
    order = Order.parse(sort)
    jobs = jobs_of(workspace).filter(where(filter_text))
    value, pk = _decoded(cursor, order) if cursor else (None, 0)
    found: list[TrainingJob] = []
    if not cursor or value is not None:
        rows = order.with_value(jobs)
        found = list((rows.filter(order.behind(value, pk)) if cursor else rows)[: limit + 1])
    if len(found) <= limit and (order.fact or order.column in ("billable_seconds", "started_at")):
        rest = order.without_value(jobs)
        if cursor and value is None:
            rest = rest.filter(pk__lt=pk)
        found += rest[: limit + 1 - len(found)]
    more = len(found) > limit
    return Page(found[:limit], _encoded(found[limit - 1], order) if more else None)


def sorts(jobs: Sequence[TrainingJob], present: str) -> dict[str, str]:
    """The orders to offer, as texts and their words: the usual ones, and best first by the metrics of these jobs."""
    metrics = sorted({job.objective_metric for job in jobs if job.objective_metric})
    offered = dict(SORTS)
    for metric in metrics:
        offered[f"{'-' if higher_is_better(metric) else ''}metrics.{metric}"] = f"best {metric}"
    return offered if present in offered else {**offered, present: present}


def _encoded(job: TrainingJob, order: Order) -> str:
    value = getattr(job, "sort_value", None)
    plain = value.isoformat() if isinstance(value, datetime) else value
    return base64.urlsafe_b64encode(json.dumps([order.text, plain, job.pk]).encode()).decode()


def _decoded(cursor: str, order: Order) -> tuple[Any, int]:
    try:
        text, value, pk = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        if text != order.text or type(pk) is not int or not 0 < pk < LARGEST:
            raise ValueError(text)
        return (None if value is None else order.read_value(value)), pk
    except (ValueError, TypeError, OverflowError, binascii.Error, RecursionError) as error:
        raise Refusal("this is not a cursor that an earlier page of this order gave", "cursor") from error
