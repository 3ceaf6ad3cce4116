"""The JSONPath expressions of a transform job's DataProcessing.

"Supported JSONPath operators": https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform-data-processing.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

# What selects from a value: answers what it finds there, and whether that can be more than one value.
Step = Callable[[Any], list[Any]]

_NAME = re.compile(r"\.(?P<name>[^.\[\]*'\"\s()]+|\*)|\.?\[(?P<inside>[^\]]+)\]")
_QUOTED = re.compile(r"""\s*(?:'([^']*)'|"([^"]*)")\s*""")
_NUMBER = re.compile(r"\s*-?\d+\s*")
_SLICE = re.compile(r"\s*(-?\d+)?\s*:\s*(-?\d+)?\s*(?::\s*(-?\d+)?\s*)?")


class BadPath(Exception):
    """The text is no JSONPath that SageMaker supports."""


class NotFound(Exception):
    """There is nothing at the path."""


class JsonPath:
    """A parsed expression; raises BadPath."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._steps: list[tuple[Step, bool]] = [*_parse(text)]

    @property
    def root(self) -> bool:
        """Whether it selects everything, as it is."""
        return not self._steps

    def of(self, value: Any) -> Any:
        """What the expression selects: one value, or a list where it can select several; raises NotFound."""
        found, several = [value], False
        for step, many in self._steps:
            found = [each for one in found for each in step(one)]
            several = several or many
        if several:
            return found
        if not found:
            raise NotFound(f"There is nothing at {self.text}")
        return found[0]


def _parse(text: str) -> Iterator[tuple[Step, bool]]:
    if not text.startswith("$"):
        raise BadPath(f"{text!r} does not start with $")
    position = 1
    while position < len(text):
        match = _NAME.match(text, position)
        if match is None:
            raise BadPath(f"{text!r} cannot be read from {text[position:]!r} on")
        name = match["name"]
        if name == "*" or (match["inside"] or "").strip() == "*":
            yield _everything, True
        elif name is not None:
            yield _members([name]), False
        else:
            yield _bracket(text, match["inside"])
        position = match.end()


def _bracket(text: str, inside: str) -> tuple[Step, bool]:
    parts = inside.split(",")
    if all(_NUMBER.fullmatch(part) for part in parts):
        return _elements([int(part) for part in parts]), len(parts) > 1
    names = [match[1] if match[1] is not None else match[2] for part in parts if (match := _QUOTED.fullmatch(part))]
    if len(names) == len(parts):
        return _members(names), len(parts) > 1
    match = _SLICE.fullmatch(inside)
    if match is None:
        raise BadPath(f"{text!r} has the index [{inside}], which is neither numbers, a slice nor names")
    if match[3] is not None and int(match[3]) == 0:
        raise BadPath(f"{text!r} has a slice with the step 0")
    return _sliced(slice(*(None if part is None else int(part) for part in match.groups()))), True


def _members(names: list[str]) -> Step:
    return lambda value: [value[name] for name in names if name in value] if isinstance(value, dict) else []


def _elements(numbers: list[int]) -> Step:
    def select(value: Any) -> list[Any]:
        if not isinstance(value, list):
            return []
        return [value[number] for number in numbers if -len(value) <= number < len(value)]

    return select


def _sliced(part: slice) -> Step:
    return lambda value: value[part] if isinstance(value, list) else []


def _everything(value: Any) -> list[Any]:
    return [*value.values()] if isinstance(value, dict) else [*value] if isinstance(value, list) else []
