"""The fields of the history's filter: columns, marks and facts, and how a typed value becomes one of theirs."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import isfinite
from typing import Any

from django.db.models import Exists, ExpressionWrapper, F, FloatField, OuterRef, Q, QuerySet
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.timezone import get_current_timezone, is_naive, make_aware

from apps.accounts.models import User
from apps.aws.models import Workspace
from apps.core import clock
from apps.core.errors import Refusal
from apps.training.lookups import Part
from apps.training.models import JobFact, TrainingJob
from apps.training.states import TrainingJobStatus

LOOKUPS = {"=": "exact", "!=": "exact", ">": "gt", ">=": "gte", "<": "lt", "<=": "lte", "~": "icontains"}
ORDERED = (">", ">=", "<", "<=")
# Beginnings of the fields that are kept as facts; `hp.` for those who type.
KINDS = {"metrics.": "metrics.", "hyperparameters.": "hyperparameters.", "hp.": "hyperparameters.", "tags.": "tags."}
STATUSES = {status.lower(): status.value for status in TrainingJobStatus}
TRUTHS = {"yes": True, "true": True, "no": False, "false": False}
AGES = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
# USD of a job that has ended, as `TrainingJob.cost` reckons it.
COST = ExpressionWrapper(
    F("price_per_hour") * F("instance_count") * F("billable_seconds") / 3600.0, output_field=FloatField()
)


@dataclass(frozen=True)
class Asker:
    """Whose jobs are looked at, and who looks: "starred" means their stars."""

    workspace: Workspace
    user: User | None = None


@dataclass(frozen=True)
class Condition:
    """What a comparison asks: `q` of the jobs; `narrow` has their ids, its `key`, by an index alone, if there is one.

    A comparison with a fact's number also has the fact's key and its bounds, so that a sort by it can use them.
    """

    q: Q
    narrow: QuerySet[Any, int] | None = None
    key: str = "job"
    fact: str = ""
    bounds: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Field:
    """A field of the filter: the column behind it, and how a typed value becomes one of the column's."""

    column: str
    convert: Callable[[str], Any] = str
    ordered: bool = False


def _number(value: str) -> float:
    try:
        number = float(value)
    except ValueError as error:
        raise Refusal(f"{value!r} is not a number", "filter") from error
    if not isfinite(number):
        raise Refusal(f"{value!r} is not a number to compare with", "filter")
    return number


def _moment(value: str) -> datetime:
    if age := re.fullmatch(r"(\d{1,4})([mhdw])", value):
        return clock.now() - timedelta(**{AGES[age[2]]: int(age[1])})
    try:
        moment = parse_datetime(value) or parse_date(value)
    except ValueError:
        moment = None
    if moment is None:
        raise Refusal(
            f"{value!r} is not a date such as 2026-11-24 or 2026-11-24T06:00, nor an age such as 7d", "filter"
        )
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, datetime.min.time())
    return make_aware(moment, get_current_timezone()) if is_naive(moment) else moment


def _status(value: str) -> str:
    if value.lower() not in STATUSES:
        raise Refusal(f"{value!r} is not a status; known are {', '.join(STATUSES.values())}", "filter")
    return STATUSES[value.lower()]


FIELDS: Mapping[str, Field] = {
    "name": Field("name"),
    "status": Field("status", _status),
    "algorithm": Field("algorithm"),
    "owner": Field("owner__username"),
    "dataset": Field("dataset__name"),
    "instance_type": Field("instance_type"),
    "instance_count": Field("instance_count", _number, ordered=True),
    "duration": Field("billable_seconds", _number, ordered=True),
    "cost": Field("cost_usd", _number, ordered=True),
    "created": Field("created_at", _moment, ordered=True),
    "started": Field("started_at", _moment, ordered=True),
    "ended": Field("ended_at", _moment, ordered=True),
}


def _starred(asker: Asker) -> Q:
    user = asker.user
    return Q(pk__in=user.starred_training_jobs.values("pk")) if user and user.is_authenticated else Q(pk__in=())


# Fields that a job has or has not: starred = yes.
MARKS: Mapping[str, Callable[[Asker], Q]] = {
    "archived": lambda asker: Q(archived_at__isnull=False),
    "starred": _starred,
}


def fact_key(name: str) -> str:
    """The key under which a field such as hp.eta is kept; empty for one that is no fact."""
    kind = next((kind for beginning, kind in KINDS.items() if name.startswith(beginning)), "")
    return kind and kind + name.partition(".")[2]


def compared(asker: Asker, name: str, operator: str, value: str) -> Condition:
    """One comparison; raises Refusal that says what is wrong with it."""
    if name in MARKS:
        return Condition(_marked(asker, name, operator, value))
    key = fact_key(name)
    found = _fact(asker, key, operator, value) if key else _column(asker, name, operator, value)
    return Condition(~found.q) if operator == "!=" else found


def part_of(asker: Asker, text: str) -> Condition:
    """A word of the name or of the failure reason."""
    jobs = TrainingJob.objects.filter(workspace=asker.workspace)
    named = jobs.filter(Part(F("name"), text)).values("pk")
    failed = jobs.filter(status=TrainingJobStatus.FAILED, failure_reason__icontains=text).values("pk")
    return Condition(Q(pk__in=named) | Q(pk__in=failed))


def _marked(asker: Asker, name: str, operator: str, value: str) -> Q:
    if operator not in ("=", "!=") or value.lower() not in TRUTHS:
        raise Refusal(f"write {name} = yes or {name} = no", "filter")
    wanted = TRUTHS[value.lower()] == (operator == "=")
    return MARKS[name](asker) if wanted else ~MARKS[name](asker)


def _column(asker: Asker, name: str, operator: str, value: str) -> Condition:
    known = FIELDS.get(name)
    if known is None:
        names = ", ".join([*FIELDS, *MARKS, "metrics.NAME", "hyperparameters.NAME", "tags.NAME"])
        raise Refusal(f"{name!r} is not a field; known are {names}", "filter")
    if operator in ORDERED and not known.ordered:
        raise Refusal(f"{name} has no order: use = or != or ~", "filter")
    if operator != "~":
        return Condition(Q(**{f"{known.column}__{LOOKUPS[operator]}": known.convert(value)}))
    if known.ordered:
        raise Refusal(f"{name} is no text: use = or < or >", "filter")
    if name != "name":
        return Condition(Q(**{f"{known.column}__icontains": value}))
    named = TrainingJob.objects.filter(Part(F("name"), value), workspace=asker.workspace)
    return Condition(Q(name__icontains=value), named.order_by().values_list("pk", flat=True), "pk")


def _fact(asker: Asker, key: str, operator: str, value: str) -> Condition:
    """A fact of the job; "=" means the number where the value is one, so that 0.10 finds 0.1."""
    bounds = {f"number__{LOOKUPS[operator]}": _number(value)} if operator in ORDERED else {}
    which = Q(**bounds) if bounds else _same(operator, value)
    rows = JobFact.objects.filter(which, workspace=asker.workspace, key=key)
    exists = Exists(JobFact.objects.filter(which, job=OuterRef("pk"), key=key))
    return Condition(Q(exists), rows.values_list("job", flat=True), fact=key, bounds=bounds)


def _same(operator: str, value: str) -> Q:
    if operator == "~":
        return Q(text__icontains=value)
    try:
        return Q(number=float(value)) | Q(text=value)
    except ValueError:
        return Q(text=value)
