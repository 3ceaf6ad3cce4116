"""What is in each column: type, missing and distinct values, extremes, histogram; exact but for very many values."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from apps.datasets.reading.broken import BrokenFile

# So many different values of a column are kept and counted; a text with more cannot be encoded as categories.
MAX_CATEGORIES = 1000
LONGEST_CATEGORY = 200
# The distinct values beyond that are estimated from the smallest hashes: about 2 % off.
SKETCH = 4096
BINS = 24
TOP = 10
PREVIEW_ROWS = 20
PREVIEW_TEXT = 200
TRUTHS = {"true", "false"}

Type = Literal["integer", "number", "boolean", "text"]


@dataclass
class Column:
    """One column as it is kept on the version; `bins` count from `low` to `high`, `top` are [text, rows] pairs."""

    name: str
    type: Type
    nulls: int
    distinct: int
    exact: bool
    low: float | None = None
    high: float | None = None
    mean: float | None = None
    bins: list[int] = field(default_factory=list)
    top: list[tuple[str, int]] = field(default_factory=list)
    # Every value in order with its rows, where there are no more than MAX_CATEGORIES of a text or a whole number.
    values: list[tuple[str, int]] = field(default_factory=list)


class Tally:
    """Collects what is known of one column, a frame at a time."""

    def __init__(self, name: str, kind: pl.DataType) -> None:
        self.name = name
        self.rows = self.nulls = 0
        self.number = self.integer = True
        self.low, self.high, self.total = np.inf, -np.inf, 0.0
        self.values: Counter[str] | None = Counter()
        self.sketch: npt.NDArray[np.uint64] = np.empty(0, np.uint64)
        self.bins: npt.NDArray[np.int64] = np.zeros(BINS, np.int64)
        self.typed = kind.is_numeric()

    def add(self, series: pl.Series) -> None:
        """Take the next rows into account."""
        self.rows += len(series)
        self.nulls += series.null_count()
        known = series.drop_nulls()
        if known.is_empty():
            return
        if self.number:
            self._measure(known)
        self._estimate(known)
        if self.values is not None:
            self.values = self._counted(self.values, known)

    def _measure(self, known: pl.Series) -> None:
        numbers = known.cast(pl.Float64, strict=False)
        if numbers.null_count() or not numbers.is_finite().all():
            if self.typed:
                raise BrokenFile(f"The column {self.name!r} has infinite values. Replace them or leave them empty.")
            self.number = self.integer = False
            return
        if self.integer:
            whole = known.cast(pl.Int64, strict=False) if known.dtype == pl.String else known
            self.integer = whole.dtype == pl.Int64 and not whole.null_count()
        array = numbers.to_numpy()
        self.low, self.high = min(self.low, float(array.min())), max(self.high, float(array.max()))
        self.total += float(array.sum())

    def _estimate(self, known: pl.Series) -> None:
        """Keep the smallest hashes; once there are enough, few rows have a smaller one."""
        hashes = known.hash(seed=1).to_numpy()
        if len(self.sketch) == SKETCH:
            hashes = hashes[hashes < self.sketch[-1]]
        if len(hashes):
            self.sketch = np.unique(np.concatenate([self.sketch, hashes]))[:SKETCH].copy()

    def _counted(self, values: Counter[str], known: pl.Series) -> Counter[str] | None:
        """The values with those of the next rows; None when they are too many, or too long, to be categories."""
        found = (known if known.dtype == pl.String else known.cast(pl.String)).value_counts()
        if len(found) > MAX_CATEGORIES:
            return None
        values.update(dict(found.iter_rows()))
        fit = len(values) <= MAX_CATEGORIES and all(len(value) <= LONGEST_CATEGORY for value in values)
        return values if fit else None

    def add_to_histogram(self, series: pl.Series) -> None:
        """Count the rows into the bins; only when every row was added before."""
        if self.number and self.rows > self.nulls:
            array = series.drop_nulls().cast(pl.Float64).to_numpy()
            self.bins += np.histogram(array, bins=BINS, range=(self.low, self.high))[0]

    @property
    def distinct(self) -> int:
        """How many different values there are, or about how many."""
        if self.values is not None:
            return len(self.values)
        if len(self.sketch) < SKETCH:
            return len(self.sketch)
        estimate = (SKETCH - 1) / (float(self.sketch[-1]) / 2.0**64)
        return min(int(estimate), self.rows - self.nulls)

    def _type(self) -> Type:
        if self.rows == self.nulls or not self.number:
            truths = self.values is not None and {value.lower() for value in self.values} == TRUTHS
            return "boolean" if truths else "text"
        return "integer" if self.integer else "number"

    def column(self) -> Column:
        """What is known now."""
        kind = self._type()
        result = Column(self.name, kind, self.nulls, self.distinct, self.values is not None)
        known = self.rows - self.nulls
        if kind in ("integer", "number"):
            result.low, result.high, result.mean = self.low, self.high, self.total / known
            result.bins = [int(count) for count in self.bins] if self.bins.any() else []
        elif self.values:
            result.top = self.values.most_common(TOP)
        if self.values is not None and (kind != "number" or len(self.values) == 2):
            key = float if kind in ("integer", "number") else str
            result.values = sorted(self.values.items(), key=lambda item: key(item[0]))
        return result


class Profile:
    """Collects what is known of a whole table."""

    def __init__(self) -> None:
        self.tallies: list[Tally] = []
        self.rows = 0
        self.preview: list[list[Any]] = []

    def add(self, frame: pl.DataFrame) -> None:
        """Take the next rows into account."""
        if not self.tallies:
            self.tallies = [Tally(name, kind) for name, kind in frame.schema.items()]
        if len(self.preview) < PREVIEW_ROWS:
            rows = frame.head(PREVIEW_ROWS - len(self.preview)).rows()
            self.preview += [[_short(cell) for cell in row] for row in rows]
        self.rows += len(frame)
        for tally in self.tallies:
            tally.add(frame[tally.name])

    def add_to_histograms(self, frame: pl.DataFrame) -> None:
        """The second reading, once the extremes are known."""
        for tally in self.tallies:
            tally.add_to_histogram(frame[tally.name])

    def columns(self) -> list[dict[str, Any]]:
        """What is known now, for the row's JSON."""
        return [asdict(tally.column()) for tally in self.tallies]


def _short(cell: Any) -> Any:
    return cell[:PREVIEW_TEXT] if isinstance(cell, str) else cell
