"""PutMetricData: metrics of the callers' own.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html
"""

import math
import time
from typing import Any

from apps.localregion.region import Region
from apps.localregion.services.cloudwatch.refusals import combination, invalid, missing, refuse
from apps.localregion.store.metrics import Metric, Sample, StoredMetrics

DATA = 1000  # of one request
VALUES = 150  # of one datum
LARGEST = 2.0**360
OLDEST, NEWEST = 14 * 24 * 3600, 2 * 3600  # seconds before and after now

Body = dict[str, Any]


def put_metric_data(region: Region, request: Body) -> Body:
    """Add data points, all or none."""
    refuse(request, "EntityMetricData")
    namespace, data = request["Namespace"], request.get("MetricData", [])
    if namespace.startswith("AWS/"):
        raise invalid("The value AWS/ for parameter Namespace is invalid.")
    if not data:
        raise missing("The parameter MetricData is required.")
    if len(data) > DATA:
        raise invalid(f"The collection MetricData must not have a size greater than {DATA}.")
    now = time.time()
    points = [_point(namespace, datum, f"MetricData.member.{number}", now) for number, datum in enumerate(data, 1)]
    StoredMetrics(region.objects.database).append(points)
    return {}


def metric_of(request: Body) -> Metric:
    """The metric that a structure with Namespace, MetricName and Dimensions names."""
    dimensions = sorted((each["Name"], each["Value"]) for each in request.get("Dimensions", []))
    return Metric(request.get("Namespace", ""), request.get("MetricName", ""), tuple(dimensions))


def _point(namespace: str, datum: Body, path: str, now: float) -> tuple[Metric, Sample]:
    metric = metric_of({**datum, "Namespace": namespace})
    if len({name for name, _ in metric.dimensions}) < len(metric.dimensions):
        raise invalid(f"The parameter {path}.Dimensions has a name more than once.")
    resolution = datum.get("StorageResolution", 60)
    if resolution not in (1, 60):
        raise invalid(f"The value {resolution} for parameter {path}.StorageResolution is invalid: use 1 or 60.")
    moment = _moment(datum, path, now)
    return metric, _sample(datum, path, moment // resolution * resolution)


def _moment(datum: Body, path: str, now: float) -> float:
    moment: float = datum["Timestamp"].timestamp() if "Timestamp" in datum else now
    if moment < now - OLDEST:
        raise invalid(f"The parameter {path}.Timestamp must specify a time within the past two weeks.")
    if moment > now + NEWEST:
        raise invalid(f"The parameter {path}.Timestamp must specify a time no more than two hours in the future.")
    return moment


def _sample(datum: Body, path: str, moment: float) -> Sample:
    given = [member for member in ("Value", "Values", "StatisticValues") if datum.get(member) not in (None, [], {})]
    if not given:
        raise missing(f"At least one of the parameters {path}.Value, Values or StatisticValues must be specified.")
    if len(given) > 1:
        both = f"{path}.{given[0]} and {path}.{given[1]}"
        raise combination(f"The parameters {both} are mutually exclusive and you have specified both.")
    unit = datum.get("Unit", "None")
    if given == ["StatisticValues"]:
        return _of_statistics(datum["StatisticValues"], f"{path}.StatisticValues", moment, unit)
    values = datum["Values"] if given == ["Values"] else [datum["Value"]]
    counts = datum.get("Counts") or [1.0] * len(values)
    if len(values) > VALUES or len(counts) != len(values):
        raise invalid(f"The parameters {path}.Values and {path}.Counts must be of one length, at most {VALUES}.")
    for value in (*values, *counts):
        _check_number(value, path)
    if min(counts) <= 0:
        raise invalid(f"The parameter {path}.Counts must be greater than 0.")
    weighted = tuple((float(value), float(often)) for value, often in zip(values, counts, strict=True))
    total = math.fsum(value * often for value, often in weighted)
    return Sample(moment, unit, math.fsum(counts), total, min(values), max(values), weighted)


def _of_statistics(given: Body, path: str, moment: float, unit: str) -> Sample:
    count, total, low, high = (given[name] for name in ("SampleCount", "Sum", "Minimum", "Maximum"))
    for value in (count, total, low, high):
        _check_number(value, path)
    if count <= 0 or low > high:
        raise invalid(f"The parameter {path} needs a SampleCount above 0 and a Minimum that is not above the Maximum.")
    return Sample(moment, unit, float(count), float(total), float(low), float(high))


def _check_number(value: float, path: str) -> None:
    if not math.isfinite(value) or abs(value) > LARGEST:
        raise invalid(f"The value {value} for parameter {path}.Value is invalid.")
