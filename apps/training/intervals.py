"""Ranges as the tables write them: "[0, 1]", "(0, inf)"."""

import re
from dataclasses import dataclass
from math import inf, isinf

SHAPE = re.compile(r"([\[(])\s*([^,]+?)\s*,\s*([^,]+?)\s*([\])])")


@dataclass(frozen=True)
class Interval:
    """Numbers from `low` to `high`; an open end leaves its number out."""

    low: float
    high: float
    low_open: bool
    high_open: bool

    @classmethod
    def parse(cls, text: str) -> "Interval":
        """Read "(0, 1]"; raises ValueError for anything else."""
        match = SHAPE.fullmatch(text)
        if match is None:
            raise ValueError(f"not an interval: {text!r}")
        left, low, high, right = match.groups()
        return cls(float(low), float(high), left == "(", right == ")")

    def __contains__(self, value: float) -> bool:
        above = value > self.low if self.low_open else value >= self.low
        below = value < self.high if self.high_open else value <= self.high
        return above and below

    @property
    def words(self) -> str:
        """The range for a person: "0 to 1", "more than 0, up to 1", "1 or more"; empty when every number will do."""
        low = "" if isinf(self.low) else f"more than {_told(self.low)}" if self.low_open else _told(self.low)
        if self.high == inf:
            return low if self.low_open or not low else f"{low} or more"
        high = f"less than {_told(self.high)}" if self.high_open else _told(self.high)
        if not low:
            return high if self.high_open else f"{high} or less"
        joint = " to " if not self.low_open and not self.high_open else ", " if self.high_open else ", up to "
        return f"{low}{joint}{high}"


def _told(number: float) -> str:
    """A bound as it is read: 1,000,000, not 1e+06; 0.000001, not 1e-06."""
    return f"{int(number):,}" if number.is_integer() else f"{number:.6f}".rstrip("0")
