"""What a filter pattern compares a value with: a number, or a text in which `*` stands for anything."""

import operator
import re
from collections.abc import Callable

from apps.localregion.services.logs.refused import BadPattern
from apps.localregion.services.logs.regexes import compile_regex

_NUMBER = re.compile(r"[+-]?\d{1,40}(?:\.\d{1,40})?(?:[eE][+-]?\d{1,3})?")
_NUMERIC: dict[str, Callable[[float, float], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

Condition = Callable[[str | float], bool]


def condition(sign: str, literal: str) -> Condition:
    """The comparison of a value with a literal as it is written, quotes included; raises BadPattern."""
    if literal.startswith("%"):
        return _regex(sign, literal)
    quoted = literal.startswith('"')
    text = re.sub(r"\\(.)", r"\1", literal[1:-1]) if quoted else literal
    if not quoted and _NUMBER.fullmatch(text):
        return _numeric(sign, float(text), text)
    if sign not in ("=", "!="):
        raise BadPattern(f"{sign} compares with a number, not with {literal}")
    return lambda value: _like(text, _written(value)) is (sign == "=")


def _regex(sign: str, literal: str) -> Condition:
    if sign not in ("=", "!=") or len(literal) < 3 or not literal.endswith("%"):
        raise BadPattern(f"{sign} {literal} is no comparison with a regular expression")
    found = compile_regex(literal[1:-1])
    return lambda value: found(_written(value)) is (sign == "=")


def _numeric(sign: str, number: float, text: str) -> Condition:
    def holds(value: str | float) -> bool:
        if isinstance(value, str) and _NUMBER.fullmatch(value) is None:
            return sign == "!=" or (sign == "=" and value == text)
        return _NUMERIC[sign](float(value) if isinstance(value, str) else value, number)

    return holds


def _written(value: str | float) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _like(pattern: str, text: str) -> bool:
    """Whether the text is the pattern; each part between stars is taken at its first place, so time is linear."""
    first, *rest = pattern.split("*")
    if not rest:
        return text == pattern
    *middle, last = rest
    if not text.startswith(first) or len(text) < len(first) + len(last) or not text.endswith(last):
        return False
    position, end = len(first), len(text) - len(last)
    for part in middle:
        found = text.find(part, position, end)
        if found < 0:
            return False
        position = found + len(part)
    return True
