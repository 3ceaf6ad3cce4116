"""Reading metrics: GetMetricData and GetMetricStatistics, over what jobs write and what clients put."""

import re
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from apps.localregion.errors import AwsError
from apps.localregion.region import Region
from apps.localregion.services.cloudwatch import job_metrics
from apps.localregion.services.cloudwatch.putting import metric_of
from apps.localregion.services.cloudwatch.refusals import combination, invalid, missing
from apps.localregion.services.cloudwatch.statistics import buckets, check_period, check_range, statistic
from apps.localregion.store.metrics import Metric, Sample, StoredMetrics

DATAPOINTS = 100_800  # of one GetMetricData answer, also the most
QUERIES = 500
STATISTICS_DATAPOINTS = 1_440  # of one GetMetricStatistics answer
DAY = 24 * 3600
# GetMetricStatistics rounds the start of a range down, the more the older it is: age in seconds, step in seconds.
ROUNDING = ((63 * DAY, 3600), (15 * DAY, 300), (0, 60))
_ID = re.compile(r"[a-z][a-zA-Z0-9_]*")

Body = dict[str, Any]
Point = tuple[float, float]


def samples(region: Region, metric: Metric, start: float, end: float) -> list[Sample]:
    """The metric's data points of either source from `start` to before `end`, unix seconds."""
    stored = StoredMetrics(region.objects.database).samples(metric, start, end)
    return [*job_metrics.samples(region, metric, start, end), *stored]


def get_metric_data(region: Region, request: Body) -> Body:
    """A series a query, cut into pages of MaxDatapoints."""
    start, end = request["StartTime"].timestamp(), request["EndTime"].timestamp()
    check_range(start, end, "ValidationError", "The parameter EndTime must be greater than StartTime")
    _check_queries(request["MetricDataQueries"])
    skip, room = _read_token(request.get("NextToken")), request.get("MaxDatapoints", DATAPOINTS)
    if not 0 < room <= DATAPOINTS:
        raise AwsError("ValidationError", f"MaxDatapoints must be from 1 to {DATAPOINTS}.")
    newest_first = request.get("ScanBy", "TimestampDescending") == "TimestampDescending"
    results, seen = [], 0
    for query in request["MetricDataQueries"]:
        points = _series(region, query, start, end)
        if query.get("ReturnData", True):
            points = points[::-1] if newest_first else points
            page = points[max(0, skip - seen) : max(0, skip + room - seen)]
            seen += len(points)
            results.append(_result(query, page, "Complete" if seen <= skip + room else "PartialData"))
    return {"MetricDataResults": results, **({"NextToken": str(skip + room)} if seen > skip + room else {})}


def get_metric_statistics(region: Region, request: Body) -> Body:
    """Several statistics of one metric; a period is counted from the start of the range."""
    start, end, period = request["StartTime"].timestamp(), request["EndTime"].timestamp(), request["Period"]
    plain, extended = request.get("Statistics", []), request.get("ExtendedStatistics", [])
    if not plain and not extended:
        raise missing("At least one of the parameters Statistics and ExtendedStatistics must be specified.")
    if plain and extended:
        raise combination("The parameters Statistics and ExtendedStatistics are mutually exclusive.")
    message = "The parameter StartTime must be less than the parameter EndTime."
    check_range(start, end, "InvalidParameterValue", message)
    check_period(period)
    if (end - start) / period > STATISTICS_DATAPOINTS:
        raise combination(
            f"You have requested up to {int((end - start) / period):,} datapoints, which exceeds the limit of "
            f"{STATISTICS_DATAPOINTS:,}. You may reduce the datapoints requested by increasing Period, or decreasing "
            "the time range."
        )
    origin = _rounded(start, period)
    by_unit: dict[str, list[Sample]] = defaultdict(list)
    for sample in samples(region, metric_of(request), origin, end):
        if sample.unit == request.get("Unit", sample.unit):
            by_unit[sample.unit].append(sample)
    datapoints = [
        {"Timestamp": datetime.fromtimestamp(at, UTC), "Unit": unit, **_statistics(plain, extended, found)}
        for unit, of_unit in by_unit.items()
        for at, found in buckets(of_unit, period, origin).items()
    ]
    return {"Label": request["MetricName"], "Datapoints": datapoints}


def _statistics(plain: list[str], extended: list[str], found: list[Sample]) -> Body:
    values = {name: statistic(name)(found) for name in (*plain, *extended)}
    present = {name: value for name, value in values.items() if value is not None}
    percentiles = {name: present[name] for name in extended if name in present}
    members: Body = {name: present[name] for name in plain}
    return members | ({"ExtendedStatistics": percentiles} if percentiles else {})


def _check_queries(queries: list[Body]) -> None:
    if len(queries) > QUERIES:
        raise AwsError("ValidationError", f"The collection MetricDataQueries must not be larger than {QUERIES}.")
    identities = [query["Id"] for query in queries]
    if len(set(identities)) < len(identities):
        raise AwsError("ValidationError", "The values for parameter id in MetricDataQueries are not unique.")
    for identity in identities:
        if not _ID.fullmatch(identity):
            message = (
                f"The value {identity} for parameter Id must start with a lowercase letter and hold only letters, "
            )
            raise AwsError("ValidationError", message + "digits and underscores.")


def _series(region: Region, query: Body, start: float, end: float) -> list[Point]:
    if "MetricStat" not in query:
        raise invalid("Metric math (Expression) is not supported by the local region: use MetricStat.")
    stat = query["MetricStat"]
    compute, period = statistic(stat["Stat"]), stat["Period"]
    check_period(period)
    if query.get("AccountId", region.account) != region.account:
        return []
    found = samples(region, metric_of(stat["Metric"]), start // period * period, end)
    kept = [sample for sample in found if sample.unit == stat.get("Unit", sample.unit)]
    values = ((at, compute(of_period)) for at, of_period in buckets(kept, period).items())
    return [(at, value) for at, value in values if value is not None]


def _result(query: Body, page: list[Point], status: str) -> Body:
    return {
        "Id": query["Id"],
        "Label": query.get("Label", query["MetricStat"]["Metric"].get("MetricName", query["Id"])),
        "Timestamps": [datetime.fromtimestamp(at, UTC) for at, _ in page],
        "Values": [value for _, value in page],
        "StatusCode": status,
    }


def _rounded(start: float, period: int) -> float:
    if period < 60:
        return start // period * period
    age = datetime.now(UTC).timestamp() - start
    step = next((step for older, step in ROUNDING if age >= older), 60)
    return start // step * step


def _read_token(token: str | None) -> int:
    if token is not None and not (token.isascii() and token.isdecimal() and len(token) < 19):
        raise invalid("The parameter NextToken is invalid")
    return int(token or 0)
