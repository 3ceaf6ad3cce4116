"""CloudWatch: reading the metrics that jobs write, under SageMaker's namespace and dimensions.

https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html
"""

import math
import re
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from apps.localregion.compute import metrics
from apps.localregion.compute.launch import HOST
from apps.localregion.compute.metrics import Point
from apps.localregion.compute.statuses import KIND
from apps.localregion.errors import AwsError
from apps.localregion.region import Region

NAMESPACE = "/aws/sagemaker/TrainingJobs"
DATAPOINTS = 100_800  # of one GetMetricData answer, also the most (API reference)
SHORT_PERIODS = (1, 5, 10, 20, 30)
JOBS_A_PAGE = 50
UNITS = dict.fromkeys(metrics.USAGE, "Percent")

STATISTICS: dict[str, Callable[[list[float]], float]] = {
    "Average": lambda values: sum(values) / len(values),
    "Sum": math.fsum,
    "Minimum": min,
    "Maximum": max,
    "SampleCount": lambda values: float(len(values)),
}
_PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d+)?|100)")

Body = dict[str, Any]


def get_metric_data(region: Region, request: Body) -> Body:
    """A series a query, cut into pages of MaxDatapoints."""
    start, end = request["StartTime"].timestamp(), request["EndTime"].timestamp()
    if start >= end:
        raise _invalid("The parameter EndTime must be greater than StartTime")
    skip, room = _read_token(request.get("NextToken")), request.get("MaxDatapoints", DATAPOINTS)
    newest_first = request.get("ScanBy", "TimestampDescending") == "TimestampDescending"
    results, seen = [], 0
    for query in request["MetricDataQueries"]:
        points = _query(region, query, start, end)
        if query.get("ReturnData", True):
            points = points[::-1] if newest_first else points
            page = points[max(0, skip - seen) : max(0, skip + room - seen)]
            seen += len(points)
            results.append(_result(query, page, "Complete" if seen <= skip + room else "PartialData"))
    return {"MetricDataResults": results, **({"NextToken": str(skip + room)} if seen > skip + room else {})}


def get_metric_statistics(region: Region, request: Body) -> Body:
    """Several statistics of one metric."""
    start, end = request["StartTime"].timestamp(), request["EndTime"].timestamp()
    names = [*request.get("Statistics", []), *request.get("ExtendedStatistics", [])]
    if not names:
        raise _invalid("At least one of the parameters Statistics and ExtendedStatistics must be specified")
    points = _points(region, request, start, end)
    unit = UNITS.get(request["MetricName"], "None")
    datapoints = [
        {
            "Timestamp": datetime.fromtimestamp(at, UTC),
            "Unit": unit,
            **{name: _statistic(name)(values) for name in request.get("Statistics", [])},
            **_extended(request, values),
        }
        for at, values in _buckets(points, request["Period"]).items()
    ]
    return {"Label": request["MetricName"], "Datapoints": datapoints}


def list_metrics(region: Region, request: Body) -> Body:
    """The metrics of the jobs there are, a few jobs a page."""
    if request.get("Namespace", NAMESPACE) != NAMESPACE:
        return {"Metrics": []}
    wanted = {(each["Name"], each.get("Value")) for each in request.get("Dimensions", [])}
    bodies, token = _jobs(region, wanted, request.get("NextToken"))
    found = [metric for body in bodies for metric in _metrics(region, body["TrainingJobName"])]
    kept = [
        metric
        for metric in found
        if request.get("MetricName", metric["MetricName"]) == metric["MetricName"]
        and all(_has(metric["Dimensions"], name, value) for name, value in wanted)
    ]
    return {"Metrics": kept, **({"NextToken": token} if token else {})}


def _query(region: Region, query: Body, start: float, end: float) -> list[Point]:
    if "MetricStat" not in query:
        raise _invalid("Metric math (Expression) is not supported by the local region: use MetricStat.")
    stat = query["MetricStat"]
    statistic = _statistic(stat["Stat"])
    points = _points(region, stat["Metric"], start, end)
    return [(at, statistic(values)) for at, values in _buckets(points, stat["Period"]).items()]


def _points(region: Region, metric: Body, start: float, end: float) -> list[Point]:
    """The metric's points from `start` to before `end`; none for what no job here has written."""
    dimensions = {each["Name"]: each["Value"] for each in metric.get("Dimensions", [])}
    name = metric.get("MetricName", "")
    if metric.get("Namespace") != NAMESPACE or len(dimensions) != 1:
        return []
    ((dimension, value),) = dimensions.items()
    job, suffix = (value.removesuffix(f"/{HOST}"), HOST) if dimension == "Host" else (value, "")
    if dimension not in ("Host", "TrainingJobName") or region.documents.get(KIND, job) is None:
        return []
    folder = region.jobs.folder(job)
    return metrics.usage(folder, name, start, end) if suffix else metrics.training(folder, name, start, end)


def _buckets(points: list[Point], period: int) -> dict[float, list[float]]:
    """Values by the start of their period, oldest first."""
    if period not in SHORT_PERIODS and (period < 60 or period % 60):
        raise _invalid("The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60")
    buckets: dict[float, list[float]] = defaultdict(list)
    for at, value in points:
        buckets[at // period * period].append(value)
    return dict(sorted(buckets.items()))


def _statistic(name: str) -> Callable[[list[float]], float]:
    match = _PERCENTILE.fullmatch(name)
    if match:
        rank = float(match[1]) / 100
        return lambda values: sorted(values)[min(len(values) - 1, int(rank * len(values)))]
    if name not in STATISTICS:
        known = ", ".join(STATISTICS)
        raise _invalid(f"Statistic {name} is not supported by the local region: use {known} or a percentile (p90).")
    return STATISTICS[name]


def _extended(request: Body, values: list[float]) -> Body:
    names = request.get("ExtendedStatistics", [])
    return {"ExtendedStatistics": {name: _statistic(name)(values) for name in names}} if names else {}


def _result(query: Body, page: list[Point], status: str) -> Body:
    return {
        "Id": query["Id"],
        "Label": query.get("Label", query["MetricStat"]["Metric"].get("MetricName", query["Id"])),
        "Timestamps": [datetime.fromtimestamp(at, UTC) for at, _ in page],
        "Values": [value for _, value in page],
        "StatusCode": status,
    }


def _jobs(region: Region, wanted: set[tuple[str, str | None]], token: str | None) -> tuple[list[Body], str | None]:
    """The jobs that the dimensions name, or else a page of all."""
    named = [value.removesuffix(f"/{HOST}") for _, value in wanted if value]
    if named:
        body = region.documents.get(KIND, named[0])
        return ([body] if body else []), None
    try:
        return region.documents.page(KIND, sort_by="name", descending=False, after=token, limit=JOBS_A_PAGE)
    except ValueError as error:
        raise _invalid(f"The parameter NextToken is invalid: {error}") from error


def _metrics(region: Region, job: str) -> list[Body]:
    host = {"Name": "Host", "Value": f"{job}/{HOST}"}
    own = {"Name": "TrainingJobName", "Value": job}
    names = metrics.training_names(region.jobs.folder(job))
    return [
        *({"Namespace": NAMESPACE, "MetricName": name, "Dimensions": [host]} for name in metrics.USAGE),
        *({"Namespace": NAMESPACE, "MetricName": name, "Dimensions": [own]} for name in names),
    ]


def _has(dimensions: list[Body], name: str, value: str | None) -> bool:
    return any(each["Name"] == name and value in (None, each["Value"]) for each in dimensions)


def _read_token(token: str | None) -> int:
    if token is not None and not token.isdecimal():
        raise _invalid("The parameter NextToken is invalid")
    return int(token or 0)


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterValue", message)
