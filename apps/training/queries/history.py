"""The history: a workspace's jobs, filtered and sorted, a page at a time, never repeating and never skipping."""

import base64
import binascii
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from apps.aws.models import Workspace
from apps.core.errors import Refusal
from apps.training.catalogue import higher_is_better
from apps.training.filterfields import COST, Asker, Condition
from apps.training.filters import Filter, read
from apps.training.models import TrainingJob
from apps.training.queries.jobs import jobs_of
from apps.training.queries.orders import LARGEST, NEWEST_FIRST, Order

PAGE = 50
# A condition that no more jobs than this fulfil is where a page starts from, instead of the order.
FEW = 3000
# A view is read in bits of so many jobs.
BIT = 500
# What a row shows, whatever its columns are.
SEEN = (
    "name",
    "algorithm",
    "hyperparameters",
    "tags",
    "instance_type",
    "instance_count",
    "price_per_hour",
    "status",
    "secondary_status",
    "created_at",
    "started_at",
    "ended_at",
    "billable_seconds",
    "failure_reason",
    "trouble",
    "objective_metric",
    "best_metrics",
    "spark",
    "stop_requested_at",
    "delete_asked_at",
    "workspace_id",
    "owner__username",
    "owner__first_name",
    "owner__last_name",
    "dataset__name",
    "dataset_version__number",
)

SORTS = {
    "-created": "newest first",
    "created": "oldest first",
    "-duration": "longest first",
    "duration": "shortest first",
    "-cost": "dearest first",
    "name": "by name",
}


@dataclass(frozen=True)
class Page:
    """Some jobs, and the cursor of those behind them; None at the end."""

    items: list[TrainingJob]
    next_cursor: str | None


@dataclass(frozen=True)
class View:
    """What of a workspace's jobs is looked at, by whom and in which order."""

    asker: Asker
    wanted: Filter
    order: Order

    @classmethod
    def of(cls, asker: Asker, filter_text: str, sort: str = NEWEST_FIRST) -> "View":
        """Read filter and order; raises Refusal."""
        return cls(asker, read(filter_text, asker), Order.parse(sort))

    def few(self) -> "tuple[set[int] | None, list[Condition]]":
        """The jobs that the rarest conditions leave, None where none is rare, and what else must hold of them.

        So the database need not guess from which condition a short way leads to the page.
        """
        found: set[int] | None = None
        common, others = [], []
        for each in self.wanted.conditions:
            ids = [] if each.narrow is None else list(each.narrow[: FEW + 1])
            if each.narrow is None:
                others.append(each)
            elif len(ids) > FEW:
                common.append(each)
            else:
                found = set(ids) if found is None else found & set(ids)
        if found is None:
            return None, others + common
        for each in common:
            if each.narrow is not None:
                found = set(each.narrow.filter(**{f"{each.key}__in": found}))
        return found, others

    def jobs(self, conditions: Iterable[Condition] | None = None) -> QuerySet[TrainingJob]:
        """All that match, in no order; without the archived ones, unless the filter speaks of those."""
        jobs = TrainingJob.objects.filter(workspace=self.asker.workspace).order_by().alias(cost_usd=COST)
        if "archived" not in self.wanted.fields:
            jobs = jobs.filter(archived_at=None)
        for each in self.wanted.conditions if conditions is None else conditions:
            jobs = jobs.filter(each.q)
        return jobs

    def ranked(self) -> "QuerySet[Any, tuple[int, Any]]":
        """Those that match and have a value to sort by, as keys and values, in order."""
        mine = [each for each in self.wanted.conditions if each.bounds and each.fact == self.order.fact]
        found, others = (None, list(self.wanted.conditions)) if mine else self.few()
        if not self.order.fact:
            jobs = self.jobs(others) if found is None else self.jobs(others).filter(pk__in=found)
            return self.order.of_column(jobs)
        facts = self.order.of_fact(self.asker.workspace)
        for each in mine:
            facts = facts.filter(**each.bounds)
            others.remove(each)
        if found is not None:
            facts = facts.filter(job__in=found)
        facts = facts.filter(Exists(self.jobs(others).filter(pk=OuterRef("job"))))
        return facts.values_list("job_id", "number")

    def unranked(self) -> "QuerySet[Any, int]":
        """The keys of the others that match, the newest first; none where the filter asks for a value."""
        if not self.order.has_gaps or any(
            each.bounds and each.fact == self.order.fact for each in self.wanted.conditions
        ):
            return TrainingJob.objects.none().values_list("pk", flat=True)
        found, others = self.few()
        jobs = self.jobs(others) if found is None else self.jobs(others).filter(pk__in=found)
        return self.order.without_value(jobs).values_list("pk", flat=True)


def history(
    workspace: Workspace,
    cursor: str = "",
    limit: int = PAGE,
    *,
    filter_text: str = "",
    sort: str = NEWEST_FIRST,
    asker: Asker | None = None,
    whole: bool = True,
) -> Page:
    """The workspace's jobs that match, from `cursor` on; raises Refusal for a filter, sort or cursor that is none.

    Not `whole`: with the columns alone that a row shows.
    """
    view = View.of(asker or Asker(workspace), filter_text, sort)
    order = view.order
    value, pk = _decoded(cursor, order) if cursor else (None, 0)
    found: list[tuple[int, Any]] = []
    if not cursor or value is not None:
        ranked = view.ranked()
        found = list((ranked.filter(order.behind(value, pk)) if cursor else ranked)[: limit + 1])
    if len(found) <= limit and order.has_gaps:
        rest = view.unranked()
        if cursor and value is None:
            rest = rest.filter(pk__lt=pk)
        found += [(pk, None) for pk in rest[: limit + 1 - len(found)]]
    more = len(found) > limit
    items = _rows(workspace, [pk for pk, _ in found[:limit]], whole=whole)
    return Page(items, _encoded(*found[limit - 1], order) if more else None)


def _rows(workspace: Workspace, pks: list[int], *, whole: bool) -> list[TrainingJob]:
    """The rows of these keys in their order; one that was deleted meanwhile is left out."""
    jobs = jobs_of(workspace).select_related(None).select_related("owner", "dataset", "dataset_version").order_by()
    rows = (jobs if whole else jobs.only(*SEEN)).in_bulk(pks)
    for row in rows.values():
        row.workspace = workspace
    return [rows[pk] for pk in pks if pk in rows]


def every(view: View, *, whole: bool = False) -> Iterator[TrainingJob]:
    """All jobs of a view in its order, read a bit at a time."""
    keys = chain((pk for pk, _ in view.ranked().iterator(chunk_size=BIT)), view.unranked().iterator(chunk_size=BIT))
    while bit := list(islice(keys, BIT)):
        yield from _rows(view.asker.workspace, bit, whole=whole)


def sorts(jobs: Sequence[TrainingJob], present: str) -> dict[str, str]:
    """The orders to offer, as texts and their words: the usual ones, and best first by the metrics of these jobs."""
    metrics = sorted({job.objective_metric for job in jobs if job.objective_metric})
    offered = dict(SORTS)
    for metric in metrics:
        offered[f"{'-' if higher_is_better(metric) else ''}metrics.{metric}"] = f"best {metric}"
    return offered if present in offered else {**offered, present: present}


def _encoded(pk: int, value: Any, order: Order) -> str:
    plain = value.isoformat() if isinstance(value, datetime) else value
    return base64.urlsafe_b64encode(json.dumps([order.text, plain, pk]).encode()).decode()


def _decoded(cursor: str, order: Order) -> tuple[Any, int]:
    try:
        text, value, pk = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        if text != order.text or type(pk) is not int or not 0 < pk < LARGEST:
            raise ValueError(text)
        return (None if value is None else order.read_value(value)), pk
    except (ValueError, TypeError, OverflowError, binascii.Error, RecursionError) as error:
        raise Refusal("this is not a cursor that an earlier page of this order gave", "cursor") from error
