"""Which log lines tell of an error or a warning, by the words that Python, SageMaker's containers and others use."""

import re
from collections.abc import Sequence

ERROR, WARNING = "error", "warning"
LEVELS = (ERROR, WARNING)
# A level stands near the beginning: "2026-11-24 10:00:00,123 ERROR train", "[11/24/2026 10:00:00 WARNING 140]".
HEAD = 120
PATTERNS = (
    (
        ERROR,
        re.compile(r"\b(?:ERROR|CRITICAL|FATAL)\b|^\s*(?:[\w.]+\.)?\w*(?:Error|Exception)\b(?::|\s*$)|^Traceback \("),
    ),
    (WARNING, re.compile(r"\bWARN(?:ING)?\b|\b\w*Warning:")),
)

Event = tuple[int, str]


def level_of(line: str) -> str:
    """ "error", "warning", or nothing for any other line."""
    head = line[:HEAD]
    return next((level for level, pattern in PATTERNS if pattern.search(head)), "")


def flagged(events: Sequence[Event], first: int) -> dict[str, list[int]]:
    """The numbers of the lines of each level, when the first of these lines has number `first`."""
    found: dict[str, list[int]] = {}
    for number, (_, text) in enumerate(events, first):
        if level := level_of(text):
            found.setdefault(level, []).append(number)
    return found


def added(levels: dict[str, dict[str, int]], more: dict[str, list[int]]) -> dict[str, dict[str, int]]:
    """The counts of a whole log, with these lines' added: `{"error": {"count": 2, "first": 17}}`."""
    merged = dict(levels)
    for level, numbers in more.items():
        known = merged.get(level, {"count": 0, "first": numbers[0]})
        merged[level] = {"count": known["count"] + len(numbers), "first": min(known["first"], numbers[0])}
    return merged
