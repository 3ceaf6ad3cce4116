"""Intervals as the built-in algorithms write them: "[0, 1]", "(0, +inf)"."""

import re
from dataclasses import dataclass

_TEXT = re.compile(r"([\[(])\s*([^,]*?)\s*,\s*([^,]*?)\s*([\])])")


@dataclass(frozen=True)
class Interval:
    """A range of numbers, its ends in or out; None is no end."""

    low: float | None
    high: float | None
    low_in: bool
    high_in: bool

    @classmethod
    def parse(cls, text: str) -> "Interval":
        """From "[0,1)"; an empty end is none."""
        match = _TEXT.fullmatch(text)
        if match is None:
            raise ValueError(f"{text} is not an interval")
        return cls(_number(match[2]), _number(match[3]), match[1] == "[", match[4] == "]")

    def __contains__(self, value: float) -> bool:
        above = self.low is None or value > self.low or (self.low_in and value == self.low)
        below = self.high is None or value < self.high or (self.high_in and value == self.high)
        return above and below

    def __str__(self) -> str:
        """As SageMaker's containers print it in their refusals."""
        low = "(-inf" if self.low is None else f"{'[' if self.low_in else '('}{self.low}"
        high = "+inf)" if self.high is None else f"{self.high}{']' if self.high_in else ')'}"
        return f"{low}, {high}"


def _number(text: str) -> float | None:
    if not text:
        return None
    return int(text) if re.fullmatch(r"[-+]?\d+", text) else float(text)
