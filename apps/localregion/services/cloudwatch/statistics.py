"""Statistics of data points: what GetMetricData, GetMetricStatistics and alarms ask for."""

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from apps.localregion.errors import AwsError
from apps.localregion.services.cloudwatch.refusals import invalid
from apps.localregion.store.metrics import Sample

SHORT_PERIODS = (1, 5, 10, 20, 30)  # seconds; any other is a multiple of 60

Statistic = Callable[[Sequence[Sample]], float | None]

STATISTICS: dict[str, Statistic] = {
    "Average": lambda samples: math.fsum(each.total for each in samples) / sum(each.count for each in samples),
    "Sum": lambda samples: math.fsum(each.total for each in samples),
    "Minimum": lambda samples: min(each.low for each in samples),
    "Maximum": lambda samples: max(each.high for each in samples),
    "SampleCount": lambda samples: float(sum(each.count for each in samples)),
}
_PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d{1,10})?|100)")


def statistic(name: str) -> Statistic:
    """The statistic of this name; raises AwsError for one that is not here."""
    match = _PERCENTILE.fullmatch(name)
    if match:
        rank = float(match[1]) / 100
        return lambda samples: _percentile(samples, rank)
    if name not in STATISTICS:
        known = ", ".join(STATISTICS)
        raise invalid(f"Statistic {name} is not supported by the local region: use {known} or a percentile (p90).")
    return STATISTICS[name]


def buckets(samples: Iterable[Sample], period: int, origin: float = 0.0) -> dict[float, list[Sample]]:
    """Data points by the start of their period, oldest first; periods are counted from `origin`, unix seconds."""
    found: dict[float, list[Sample]] = defaultdict(list)
    for sample in samples:
        found[origin + (sample.moment - origin) // period * period].append(sample)
    return dict(sorted(found.items()))


def check_period(period: int) -> None:
    """Raise AwsError unless CloudWatch has such a period."""
    if period not in SHORT_PERIODS and period % 60:
        raise invalid("The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60")


def of_one_value(moment: float, unit: str, value: float) -> Sample:
    """A data point of a single value."""
    return Sample(moment, unit, 1.0, value, value, value, ((value, 1.0),))


def check_range(start: float, end: float, code: str, message: str) -> None:
    """Raise AwsError unless the start is before the end."""
    if start >= end:
        raise AwsError(code, message)


def _percentile(samples: Sequence[Sample], rank: float) -> float | None:
    """None where a statistic set hides its values: CloudWatch then has no data either, unless all were the same."""
    weighted: list[tuple[float, float]] = []
    for each in samples:
        if not each.counts and each.count != 1 and each.low != each.high:
            return None
        weighted += each.counts or [(each.low, each.count)]
    weighted.sort()
    wanted = rank * sum(often for _, often in weighted)
    seen = 0.0
    for value, often in weighted:
        seen += often
        if seen > wanted:
            return value
    return weighted[-1][0]
