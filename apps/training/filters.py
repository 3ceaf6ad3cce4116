"""The history's filter: from what a person types to conditions on rows. Its grammar is `filters.lark`."""

from dataclasses import dataclass
from functools import cache, reduce
from operator import and_, or_
from pathlib import Path
from typing import Any

from django.db.models import Q
from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedInput, UnexpectedToken, VisitError

from apps.core.errors import Refusal
from apps.training.filterfields import Asker, Condition, compared, part_of

LONGEST = 2000


@dataclass(frozen=True)
class Filter:
    """Conditions that all must hold, and the names of the fields that they are about."""

    conditions: tuple[Condition, ...] = ()
    fields: frozenset[str] = frozenset()

    @property
    def q(self) -> Q:
        """All of it as one condition."""
        return reduce(and_, (each.q for each in self.conditions), Q())


def read(text: str, asker: Asker) -> Filter:
    """What `text` stands for; everything for an empty one. Raises Refusal that says what is wrong, and where."""
    if not text.strip():
        return Filter()
    if len(text) > LONGEST:
        raise Refusal(f"the filter is longer than {LONGEST} characters", "filter")
    reader = _Reader(asker)
    try:
        conditions: tuple[Condition, ...] = reader.transform(_parser().parse(text))
    except UnexpectedInput as error:
        raise Refusal(_syntax(text, error), "filter") from error
    except VisitError as error:
        if isinstance(error.orig_exc, Refusal):
            raise error.orig_exc from error
        raise
    return Filter(conditions, frozenset(reader.fields))


@cache
def _parser() -> Lark:
    return Lark((Path(__file__).parent / "filters.lark").read_text(), parser="lalr", lexer="contextual")


def _syntax(text: str, error: UnexpectedInput) -> str:
    place = error.pos_in_stream or 0
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        return "the filter ends too early: write for example status = Failed"
    return f"the filter cannot be read from {text[place : place + 20]!r} on (character {place + 1})"


class _Reader(Transformer[Token, Any]):
    """From the parsed filter to conditions: every rule answers a tuple of those that all must hold."""

    def __init__(self, asker: Asker) -> None:
        super().__init__()
        self.asker = asker
        self.fields: set[str] = set()

    def either(self, parts: list[tuple[Condition, ...]]) -> tuple[Condition, ...]:
        """One of them."""
        if len(parts) == 1:
            return parts[0]
        return (Condition(reduce(or_, (Filter(part).q for part in parts))),)

    def both(self, parts: list[tuple[Condition, ...]]) -> tuple[Condition, ...]:
        """All of them."""
        return tuple(condition for part in parts for condition in part)

    def negation(self, parts: list[tuple[Condition, ...]]) -> tuple[Condition, ...]:
        """Not that."""
        return (Condition(~Filter(parts[0]).q),)

    def value(self, parts: list[Token]) -> Token:
        """A value without its quotes."""
        return _unquoted(parts[0])

    def word(self, parts: list[Token]) -> tuple[Condition, ...]:
        """A word of the name or of the failure reason."""
        return (part_of(self.asker, str(_unquoted(parts[0]))),)

    def membership(self, parts: list[Token]) -> tuple[Condition, ...]:
        """One of some values."""
        name, *values = parts
        return self.either([self.comparison([name, Token("OPERATOR", "="), value]) for value in values])

    def comparison(self, parts: list[Token]) -> tuple[Condition, ...]:
        """A field against a value."""
        name, operator, value = parts
        self.fields.add(str(name))
        try:
            return (compared(self.asker, str(name), str(operator), str(value)),)
        except Refusal as error:
            raise Refusal(f"{error.message} (character {(name.start_pos or 0) + 1})", "filter") from error


def _unquoted(token: Token) -> Token:
    return token.update(value=token[1:-1]) if token.type == "QUOTED" else token
