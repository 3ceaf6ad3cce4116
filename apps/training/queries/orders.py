"""The orders of the history: by a column, or by a fact of the jobs."""

from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.timezone import is_aware, make_aware

from apps.aws.models import Workspace
from apps.core.errors import Refusal
from apps.training.filterfields import COST, fact_key
from apps.training.models import JobFact, TrainingJob

NEWEST_FIRST = "-created"
# The largest key and count that a database column holds.
LARGEST = 2**63
# What can be sorted by besides "metrics.NAME" and "hyperparameters.NAME".
COLUMNS = {
    "created": "created_at",
    "name": "name",
    "status": "status",
    "algorithm": "algorithm",
    "owner": "owner__username",
    "dataset": "dataset__name",
    "instance_type": "instance_type",
    "duration": "billable_seconds",
    "cost": "cost_usd",
    "started": "started_at",
    "ended": "ended_at",
}
MOMENTS = ("created_at", "started_at", "ended_at")
WHOLE = ("billable_seconds",)
REAL = ("cost_usd",)
GAPS = ("billable_seconds", "started_at", "ended_at", "cost_usd", "owner__username", "dataset__name")


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
        if key := fact_key(name):
            return cls(text, fact=key)
        if name not in COLUMNS:
            known = ", ".join([*COLUMNS, "metrics.NAME", "hyperparameters.NAME"])
            raise Refusal(f"{name!r} cannot be sorted by; known are {known}", "sort")
        return cls(text, column=COLUMNS[name])

    @property
    def descending(self) -> bool:
        """Whether the largest comes first."""
        return self.text.startswith("-")

    @property
    def has_gaps(self) -> bool:
        """Whether a job may be without a value."""
        return bool(self.fact) or self.column in GAPS

    def of_fact(self, workspace: Workspace) -> QuerySet[JobFact]:
        """The facts to sort by, in order."""
        facts = JobFact.objects.filter(workspace=workspace, key=self.fact, number__isnull=False)
        sign = "-" if self.descending else ""
        return facts.order_by(f"{sign}number", f"{sign}job_id")

    def of_column(self, jobs: QuerySet[TrainingJob]) -> "QuerySet[Any, tuple[int, Any]]":
        """The keys and values of those jobs that have one, in order; the value is their `sort_value`."""
        value = COST if self.column == "cost_usd" else F(self.column)
        if self.has_gaps:
            jobs = jobs.exclude(**{self.column: None})
        sign = "-" if self.descending else ""
        ordered = jobs.annotate(sort_value=value).order_by(f"{sign}sort_value", f"{sign}pk")
        return ordered.values_list("pk", "sort_value")

    def without_value(self, jobs: QuerySet[TrainingJob]) -> QuerySet[TrainingJob]:
        """The others, the newest first."""
        if self.fact:
            has = JobFact.objects.filter(job=OuterRef("pk"), key=self.fact, number__isnull=False)
            jobs = jobs.exclude(Exists(has))
        else:
            jobs = jobs.filter(**{self.column: None})
        return jobs.order_by("-pk")

    def read_value(self, value: Any) -> Any:
        """A cursor's value as the column has it; raises ValueError or TypeError for another kind of value."""
        if self.column in MOMENTS:
            moment = datetime.fromisoformat(value)
            return moment if is_aware(moment) else make_aware(moment)
        if not self.fact and self.column not in (*WHOLE, *REAL):
            return str(value)
        number = int(value) if self.column in WHOLE else float(value)
        if not (abs(number) < LARGEST if self.column in WHOLE else isfinite(number)):
            raise ValueError(value)
        return number

    def behind(self, value: Any, pk: int) -> Q:
        """What comes behind a job with this value; the first condition lets the database use its index."""
        name, tie = ("number", "job_id") if self.fact else ("sort_value", "pk")
        beyond, or_same = ("lt", "lte") if self.descending else ("gt", "gte")
        further = Q(**{f"{name}__{beyond}": value}) | Q(**{name: value, f"{tie}__{beyond}": pk})
        return Q(**{f"{name}__{or_same}": value}) & further
