"""The state of an alarm from its metric: periods, data points to alarm, and what missing data means.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html#alarm-evaluation
"""

import json
import operator
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from apps.localregion.region import Region
from apps.localregion.services.cloudwatch.alarm_history import ALARM, change_state
from apps.localregion.services.cloudwatch.putting import metric_of
from apps.localregion.services.cloudwatch.queries import samples
from apps.localregion.services.cloudwatch.statistics import buckets, statistic

COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanOrEqualToThreshold": operator.le,
    "LessThanThreshold": operator.lt,
}
WORDS = {
    "GreaterThanOrEqualToThreshold": "greater than or equal to",
    "GreaterThanThreshold": "greater than",
    "LessThanOrEqualToThreshold": "less than or equal to",
    "LessThanThreshold": "less than",
}
LOOK_BACK = 2  # periods beyond EvaluationPeriods that stand in for missing ones
GROWING = ("Sum", "SampleCount")  # cannot be called too small before their period ends

Body = dict[str, Any]


@dataclass(frozen=True)
class Datapoint:
    """The statistic of one period: its start (unix seconds), how many periods ago it was, newest is 1."""

    moment: float
    age: int
    value: float
    breaching: bool


def evaluate_all(region: Region) -> int:
    """Bring every alarm that is due into its state; answers how many alarms there are."""
    bodies = region.documents.all(ALARM)
    for body in bodies:
        if body.get("HeldUntil", 0.0) <= time.time():
            _evaluate(region, body)
    return len(bodies)


def state(points: list[Datapoint], needed: int, to_alarm: int, missing: str, before: str) -> str:
    """The state that the data points (newest first) of the periods looked at make."""
    if len(points) >= needed:
        return "ALARM" if sum(point.breaching for point in points[:needed]) >= to_alarm else "OK"
    breaching = sum(point.breaching for point in points)
    absent = needed - len(points)
    if missing == "breaching":
        return "ALARM" if breaching + absent >= to_alarm else "OK"
    if missing == "notBreaching" or breaching >= to_alarm:
        return "ALARM" if breaching >= to_alarm else "OK"
    if not points:
        return "INSUFFICIENT_DATA" if missing == "missing" else before
    if breaching < len(points):
        return "OK"
    lasting = missing == "missing" and max(point.age for point in points) >= to_alarm
    return "ALARM" if lasting else before


def _evaluate(region: Region, body: Body) -> None:
    stat = _stat(body)
    needed: int = body["EvaluationPeriods"]
    to_alarm: int = body.get("DatapointsToAlarm", needed)
    points = _points(region, body, stat, needed + LOOK_BACK)
    now_in = state(points, needed, to_alarm, body.get("TreatMissingData", "missing"), body["StateValue"])
    if now_in == body["StateValue"]:
        return
    reason = _reason(body, points[:needed], now_in, to_alarm)
    data = {
        "version": "1.0",
        "queryDate": _shown(time.time()),
        "statistic": stat["Stat"],
        "period": stat["Period"],
        "recentDatapoints": [point.value for point in points[:needed]][::-1],
        "threshold": body["Threshold"],
    }
    if points:
        data["startDate"] = _shown(points[min(len(points), needed) - 1].moment)
    seen = body["AlarmConfigurationUpdatedTimestamp"]
    change_state(region, body["AlarmName"], now_in, reason, json.dumps(data)[:4000], seen=seen)


def _stat(body: Body) -> Body:
    """What the alarm looks at, as a MetricStat."""
    if "Metrics" in body:
        found: Body = body["Metrics"][0]["MetricStat"]
        return found
    name = body.get("Statistic") or body["ExtendedStatistic"]
    return {
        "Metric": body,
        "Period": body["Period"],
        "Stat": name,
        **({"Unit": body["Unit"]} if "Unit" in body else {}),
    }


def _points(region: Region, body: Body, stat: Body, periods: int) -> list[Datapoint]:
    """The last periods' data points, newest first; the period that still runs counts when it has one."""
    period, threshold = stat["Period"], body["Threshold"]
    compare, compute = COMPARISONS[body["ComparisonOperator"]], statistic(stat["Stat"])
    current = time.time() // period * period
    found = samples(region, metric_of(stat["Metric"]), current - periods * period, current + period)
    values = buckets((each for each in found if each.unit == stat.get("Unit", each.unit)), period)
    if stat["Stat"] in GROWING and body["ComparisonOperator"].startswith("Less"):
        values.pop(current, None)
    newest = current if current in values else current - period
    points = []
    for moment, of_period in sorted(values.items(), reverse=True):
        value = compute(of_period)
        age = int((newest - moment) // period) + 1
        if value is not None and age <= periods:
            points.append(Datapoint(moment, age, value, compare(value, threshold)))
    return points


def _reason(body: Body, points: list[Datapoint], now_in: str, to_alarm: int) -> str:
    if now_in == "INSUFFICIENT_DATA":
        return f"Insufficient Data: {body['EvaluationPeriods']} datapoints were unknown."
    if not points:
        treated = body.get("TreatMissingData", "missing")
        return (
            f"Threshold Crossed: no datapoints were received for {body['EvaluationPeriods']} periods and missing "
            f"datapoints were treated as [{'Breaching' if treated == 'breaching' else 'NonBreaching'}]."
        )
    in_state = [point for point in points if point.breaching is (now_in == "ALARM")] or points
    shown = ", ".join(
        f"{point.value} ({datetime.fromtimestamp(point.moment, UTC):%d/%m/%y %H:%M:%S})" for point in in_state[:5]
    )
    was = "was" if now_in == "ALARM" else "was not"
    least = to_alarm if now_in == "ALARM" else body["EvaluationPeriods"] - to_alarm + 1
    way = "OK -> ALARM" if now_in == "ALARM" else "ALARM -> OK"
    noun = "datapoint" if least == 1 else "datapoints"
    return (
        f"Threshold Crossed: {len(in_state)} out of the last {len(points)} datapoints [{shown}] {was} "
        f"{WORDS[body['ComparisonOperator']]} the threshold ({body['Threshold']}) "
        f"(minimum {least} {noun} for {way} transition)."
    )


def _shown(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000"
