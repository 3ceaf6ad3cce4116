"""Filter patterns over messages in columns: `[ip, user, ..., status = 4* && status != 404, bytes]`."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from apps.localregion.services.logs.literals import Condition, condition
from apps.localregion.services.logs.refused import BadPattern

REST = "..."  # any number of columns
_COLUMN = re.compile(r'\[[^\]]*\]|"[^"]*"|\S+')  # brackets and quotes hold a column together
_PART = re.compile(r"""(?:"(?:[^"\\]|\\.)*"|%[^%]*%|[^,"%])+""")
_COMPARISON = re.compile(r'\s*(?P<name>[\w.-]+)?\s*(?P<sign>!=|>=|<=|=|>|<)\s*(?P<literal>"(?:[^"\\]|\\.)*"|\S+)\s*')
_NAME = re.compile(r"\s*[\w.-]*\s*")


@dataclass(frozen=True)
class Column:
    """One column: any of the groups, of which all conditions hold; no groups: anything."""

    groups: tuple[tuple[Condition, ...], ...] = ()

    def accepts(self, value: str) -> bool:
        """Whether the column may have the value."""
        return not self.groups or any(all(holds(value) for holds in group) for group in self.groups)


def compile_pattern(text: str) -> Callable[[str], bool]:
    """The pattern as a function of a message; raises BadPattern."""
    if not text.endswith("]"):
        raise BadPattern("a pattern of columns ends with ]")
    inner = text[1:-1]
    parts = [part.strip() for part in _PART.findall(inner)]
    if parts.count(REST) > 1 or inner.count(",") + 1 < len(parts):
        raise BadPattern("... may stand once")
    at = parts.index(REST) if REST in parts else None
    before = [_column(part) for part in (parts if at is None else parts[:at])]
    after = [] if at is None else [_column(part) for part in parts[at + 1 :]]

    def matches(message: str) -> bool:
        values = _COLUMN.findall(message)
        if len(values) < len(before) + len(after) or (at is None and len(values) != len(before)):
            return False
        last = values[len(values) - len(after) :]
        return all(
            column.accepts(_bare(value))
            for column, value in zip(before + after, values[: len(before)] + last, strict=True)
        )

    return matches


def _column(part: str) -> Column:
    if _NAME.fullmatch(part):
        return Column()
    groups = []
    for choice in part.split("||"):
        groups.append(tuple(_condition(each) for each in choice.split("&&")))
    return Column(tuple(groups))


def _condition(text: str) -> Condition:
    match = _COMPARISON.fullmatch(text)
    if match is None:
        raise BadPattern(f"{text.strip()} is no condition of a column: it is like status = 404")
    return condition(match["sign"], match["literal"])


def _bare(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] + value[-1] in ('""', "[]") else value
