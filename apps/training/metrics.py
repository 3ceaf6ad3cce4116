"""Metric values in log lines, found with the job's own MetricDefinitions, as SageMaker does it."""

import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import isfinite

log = logging.getLogger(__name__)

# The round in XGBoost's "[12]#011train-auc:0.99", or in the words that scripts use.
ROUND = re.compile(r"\[(\d{1,15})\]|\b(?:epoch|round|iteration|step)\W{0,3}(\d{1,15})", re.IGNORECASE)
LITERAL = re.compile(r"[A-Za-z][A-Za-z0-9_@-]*")


@dataclass(frozen=True)
class Value:
    """One metric value; `step` is the round it belongs to."""

    name: str
    step: int
    value: float
    milliseconds: int


class MetricFinder:
    """Finds values line by line. Where a line names no round, a metric's values are counted."""

    def __init__(self, definitions: Mapping[str, str], last_steps: Mapping[str, int]) -> None:
        self._definitions = [
            (name, pattern, _literal(pattern.pattern)) for name, text in definitions.items() if (pattern := _read(text))
        ]
        self._last = dict(last_steps)

    def values(self, events: Iterable[tuple[int, str]]) -> list[Value]:
        """The values in these (milliseconds, line) events, in order; what is no finite number is left out."""
        return [value for moment, line in events for value in self._in_line(moment, line)]

    def _in_line(self, moment: int, line: str) -> Iterable[Value]:
        for name, pattern, literal in self._definitions:
            if literal not in line or not (match := pattern.search(line)):
                continue
            try:
                number = float(match.group(1))
            except (ValueError, IndexError):
                continue
            if isfinite(number):
                yield Value(name, self._step(name, line), number, moment)

    def _step(self, name: str, line: str) -> int:
        match = ROUND.search(line)
        step = int(match.group(1) or match.group(2)) if match else self._last.get(name, -1) + 1
        self._last[name] = max(step, self._last.get(name, -1))
        return step


def _read(text: str) -> re.Pattern[str] | None:
    """The expression; None for one of a job found in the account that SageMaker reads and Python does not."""
    try:
        return re.compile(text)
    except re.error as error:
        log.warning("the metric expression %r is left out: %s", text, error)
        return None


def _literal(pattern: str) -> str:
    """A word that any matching line must contain, so that most lines need no regular expression; "" when unsure."""
    if "|" in re.sub(r"\([^()]*(\([^()]*\)[^()]*)*\)", "", pattern) or "(?i" in pattern:
        return ""
    outside = re.sub(r"\([^()]*(\([^()]*\)[^()]*)*\)|\[[^\]]*\]|\\.|.[*?{]", " ", pattern)
    return max(LITERAL.findall(outside), key=len, default="")
