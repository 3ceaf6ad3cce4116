"""The history's filter: from what a person types to conditions on rows. Its grammar is `filters.lark`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.timezone import get_current_timezone, is_naive, make_aware
from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedInput, UnexpectedToken, VisitError

from apps.core.errors import Refusal
from apps.training.models import JobFact
from apps.training.states import TrainingJobStatus

LOOKUPS = {"=": "exact", "!=": "exact", ">": "gt", ">=": "gte", "<": "lt", "<=": "lte", "~": "icontains"}
ORDERED = (">", ">=", "<", "<=")
# Beginnings of the fields that are kept as facts; `hp.` for those who type.
KINDS = {"metrics.": "metrics.", "hyperparameters.": "hyperparameters.", "hp.": "hyperparameters.", "tags.": "tags."}
LONGEST = 2000
STATUSES = {status.lower(): status.value for status in TrainingJobStatus}


@dataclass(frozen=True)
class Field:
    """A field of the filter: the column behind it, and how a typed value becomes one of the column's."""

    column: str
    convert: Callable[[str], Any]
    ordered: bool = False


def where(text: str) -> Q:
    """The condition that `text` stands for; everything for an empty one. Raises Refusal that says what is wrong."""
    if not text.strip():
        return Q()
    if len(text) > LONGEST:
        raise Refusal(f"the filter is longer than {LONGEST} characters", "filter")
    try:
        found: Q = _Conditions().transform(_parser().parse(text))
    except UnexpectedInput as error:
        raise Refusal(_syntax(text, error), "filter") from error
    except VisitError as error:
        if isinstance(error.orig_exc, Refusal):
            raise error.orig_exc from error
        raise
    return found


@cache
def _parser() -> Lark:
    return Lark((Path(__file__).parent / "filters.lark").read_text(), parser="lalr", lexer="contextual")


def _syntax(text: str, error: UnexpectedInput) -> str:
    place = error.pos_in_stream or 0
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        return "the filter ends too early: write for example status = Failed"
    return f"the filter cannot be read from {text[place : place + 20]!r} on (character {place + 1})"


def _number(value: str) -> float:
    try:
        return float(value)
    except ValueError as error:
        raise Refusal(f"{value!r} is not a number", "filter") from error


def _moment(value: str) -> datetime:
    try:
        moment = parse_datetime(value) or parse_date(value)
    except ValueError:
        moment = None
    if moment is None:
        raise Refusal(f"{value!r} is not a date such as 2026-11-24 or 2026-11-24T06:00", "filter")
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, datetime.min.time())
    return make_aware(moment, get_current_timezone()) if is_naive(moment) else moment


def _status(value: str) -> str:
    if value.lower() not in STATUSES:
        raise Refusal(f"{value!r} is not a status; known are {', '.join(STATUSES.values())}", "filter")
    return STATUSES[value.lower()]


FIELDS: Mapping[str, Field] = {
    "name": Field("name", str),
    "status": Field("status", _status),
    "algorithm": Field("algorithm", str),
    "owner": Field("owner__username", str),
    "dataset": Field("dataset__name", str),
    "instance_type": Field("instance_type", str),
    "instance_count": Field("instance_count", _number, ordered=True),
    "duration": Field("billable_seconds", _number, ordered=True),
    "created": Field("created_at", _moment, ordered=True),
    "started": Field("started_at", _moment, ordered=True),
    "ended": Field("ended_at", _moment, ordered=True),
}


class _Conditions(Transformer[Token, Q]):
    """From the parsed filter to conditions."""

    def either(self, parts: list[Q]) -> Q:
        """One of them."""
        found = parts[0]
        for part in parts[1:]:
            found |= part
        return found

    def both(self, parts: list[Q]) -> Q:
        """All of them."""
        found = parts[0]
        for part in parts[1:]:
            found &= part
        return found

    def negation(self, parts: list[Q]) -> Q:
        """Not that."""
        return ~parts[0]

    def value(self, parts: list[Token]) -> str:
        """A value without its quotes."""
        return _unquoted(parts[0])

    def word(self, parts: list[Token]) -> Q:
        """A word of the name or of the failure reason."""
        text = _unquoted(parts[0])
        return Q(name__icontains=text) | Q(failure_reason__icontains=text)

    def membership(self, parts: list[Any]) -> Q:
        """One of some values."""
        name, *values = parts
        return self.either([self.comparison([name, "=", value]) for value in values])

    def comparison(self, parts: list[Any]) -> Q:
        """A field against a value."""
        name, operator, value = str(parts[0]), str(parts[1]), parts[2]
        kind = next((kind for beginning, kind in KINDS.items() if name.startswith(beginning)), None)
        found = _fact(kind + name.partition(".")[2], operator, value) if kind else _column(name, operator, value)
        return ~found if operator == "!=" else found


def _unquoted(token: Token) -> str:
    return token[1:-1] if token.type == "QUOTED" else str(token)


def _column(name: str, operator: str, value: str) -> Q:
    field = FIELDS.get(name)
    if field is None:
        known = ", ".join([*FIELDS, "metrics.NAME", "hyperparameters.NAME", "tags.NAME"])
        raise Refusal(f"{name!r} is not a field; known are {known}", "filter")
    if operator in ORDERED and not field.ordered:
        raise Refusal(f"{name} has no order: use = or != or ~", "filter")
    if operator == "~":
        if field.ordered:
            raise Refusal(f"{name} is no text: use = or < or >", "filter")
        return Q(**{f"{field.column}__icontains": value})
    return Q(**{f"{field.column}__{LOOKUPS[operator]}": field.convert(value)})


def _fact(key: str, operator: str, value: str) -> Q:
    """A fact of the job; "=" means the number where the value is one, so that 0.10 finds 0.1."""
    rows = JobFact.objects.filter(job=OuterRef("pk"), workspace=OuterRef("workspace"), key=key)
    if operator in ORDERED:
        return Q(Exists(rows.filter(**{f"number__{LOOKUPS[operator]}": _number(value)})))
    try:
        number = float(value)
    except ValueError:
        return Q(Exists(rows.filter(**{f"text__{LOOKUPS[operator]}": value})))
    if operator == "~":
        return Q(Exists(rows.filter(text__icontains=value)))
    return Q(Exists(rows.filter(Q(number=number) | Q(text=value))))
