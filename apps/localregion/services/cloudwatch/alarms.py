"""Metric alarms: their configuration.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
"""

import json
import time
from datetime import UTC, datetime
from typing import Any

from apps.localregion.errors import AwsError
from apps.localregion.region import Region
from apps.localregion.services.cloudwatch import alarm_history
from apps.localregion.services.cloudwatch.evaluation import COMPARISONS
from apps.localregion.services.cloudwatch.refusals import refuse
from apps.localregion.services.cloudwatch.statistics import statistic
from apps.localregion.store.documents import Exists

KIND = "alarm"
PAGE = 50
HELD_SECONDS = 10.0  # how long a state that was set stays before the alarm is evaluated again
SHORT_PERIODS = (10, 20, 30)  # seconds
MISSING = ("breaching", "notBreaching", "ignore", "missing")
REFUSED = (
    *("EvaluateLowSampleCountPercentile", "ThresholdMetricId", "EvaluationWindow", "WarmUpConfiguration"),
    *("EvaluationCriteria", "EvaluationInterval", "ActionConfiguration"),
)
TIMES = ("AlarmConfigurationUpdatedTimestamp", "StateUpdatedTimestamp", "StateTransitionedTimestamp")
INTERNAL = ("Status", "Tags", "LastModifiedTime", "HeldUntil")
STATE = ("StateValue", "StateReason", "StateReasonData", "StateUpdatedTimestamp", "StateTransitionedTimestamp")

Body = dict[str, Any]


def put_metric_alarm(region: Region, request: Body) -> Body:
    """Make an alarm, or change one: it keeps its state until it is evaluated."""
    refuse(request, *REFUSED)
    _check(request)
    name, now = request["AlarmName"], time.time()
    configuration = {
        "ActionsEnabled": True,
        "OKActions": [],
        "AlarmActions": [],
        "InsufficientDataActions": [],
        **({} if "Metrics" in request else {"Dimensions": []}),
        **{member: value for member, value in request.items() if member != "Tags"},
        "AlarmArn": arn(region, name),
        "AlarmConfigurationUpdatedTimestamp": now,
        "LastModifiedTime": now,
    }
    fresh = {
        **configuration,
        "StateValue": "INSUFFICIENT_DATA",
        "StateReason": "Unchecked: Initial alarm creation",
        "StateUpdatedTimestamp": now,
        "StateTransitionedTimestamp": now,
        "Status": "INSUFFICIENT_DATA",
        "Tags": request.get("Tags", []),
    }
    try:
        region.documents.insert(KIND, name, fresh)
        alarm_history.add(region, name, "ConfigurationUpdate", f'Alarm "{name}" created', {"type": "Create"})
    except Exists:
        kept = (*STATE, "Status", "Tags")
        region.documents.update(
            KIND, name, lambda body: {**configuration, **{each: body[each] for each in kept if each in body}}
        )
        alarm_history.add(region, name, "ConfigurationUpdate", f'Alarm "{name}" updated', {"type": "Update"})
    return {}


def describe_alarms(region: Region, request: Body) -> Body:
    """A page of the alarms, by name."""
    of_others = request.get("ChildrenOfAlarmName") or request.get("ParentsOfAlarmName")
    if of_others or "MetricAlarm" not in request.get("AlarmTypes", ["MetricAlarm"]):
        return {"MetricAlarms": [], "CompositeAlarms": []}  # no alarm here is made of others
    if request.get("AlarmNames") and request.get("AlarmNamePrefix"):
        raise AwsError("ValidationError", "AlarmNames and AlarmNamePrefix cannot both be specified.")
    found = [body for body in region.documents.all(KIND) if _fits(body, request)]
    found.sort(key=lambda body: str(body["AlarmName"]))
    after, most = alarm_history.read_token(request.get("NextToken")), request.get("MaxRecords", PAGE)
    behind = [body for body in found if body["AlarmName"] > after]
    answer: Body = {"MetricAlarms": [answered(body) for body in behind[:most]], "CompositeAlarms": []}
    more = len(behind) > most
    return answer | ({"NextToken": alarm_history.make_token(behind[most - 1]["AlarmName"])} if more else {})


def describe_alarms_for_metric(region: Region, request: Body) -> Body:
    """The alarms on a metric; a statistic, period or unit that is given must be the alarm's too."""
    wanted = sorted((each["Name"], each["Value"]) for each in request.get("Dimensions", []))
    found = [
        body
        for body in region.documents.all(KIND)
        if sorted((each["Name"], each["Value"]) for each in body.get("Dimensions", [])) == wanted
        and all(
            body.get(member) == request.get(member, body.get(member))
            for member in ("Namespace", "MetricName", "Statistic", "ExtendedStatistic", "Period", "Unit")
        )
        and body.get("MetricName") == request["MetricName"]
    ]
    return {"MetricAlarms": [answered(body) for body in sorted(found, key=lambda body: str(body["AlarmName"]))]}


def delete_alarms(region: Region, request: Body) -> Body:
    """Remove alarms, all or none; their history stays."""
    names = request["AlarmNames"]
    for name in names:
        get(region, name)
    for name in names:
        if region.documents.delete(KIND, name):
            alarm_history.add(region, name, "ConfigurationUpdate", f'Alarm "{name}" deleted', {"type": "Delete"})
    return {}


def set_alarm_state(region: Region, request: Body) -> Body:
    """Set the state until the next evaluation."""
    data = request.get("StateReasonData")
    if data:
        try:
            json.loads(data)
        except (ValueError, RecursionError) as error:
            raise AwsError("InvalidFormat", "StateReasonData must be JSON.") from error
    name = request["AlarmName"]
    get(region, name)
    alarm_history.change_state(region, name, request["StateValue"], request["StateReason"], data, held=HELD_SECONDS)
    return {}


def enable_alarm_actions(region: Region, request: Body) -> Body:
    """The alarms' actions count again; a name that is not there is no error."""
    return _set_actions(region, request["AlarmNames"], True)


def disable_alarm_actions(region: Region, request: Body) -> Body:
    """The alarms change their state and nothing else."""
    return _set_actions(region, request["AlarmNames"], False)


def get(region: Region, name: str) -> Body:
    """The alarm of this name; raises AwsError ResourceNotFound."""
    body = region.documents.get(KIND, name)
    if body is None:
        raise AwsError("ResourceNotFound", f"Alarm {name} does not exist", 404)
    return body


def arn(region: Region, name: str) -> str:
    """An alarm's ARN."""
    return f"arn:aws:cloudwatch:{region.name}:{region.account}:alarm:{name}"


def answered(body: Body) -> Body:
    """An alarm as it is answered."""
    members = {member: value for member, value in body.items() if member not in INTERNAL and value is not None}
    return {**members, **{member: datetime.fromtimestamp(body[member], UTC) for member in TIMES}}


def _set_actions(region: Region, names: list[str], enabled: bool) -> Body:
    for name in names:
        region.documents.update(KIND, name, lambda body: {**body, "ActionsEnabled": enabled})
    return {}


def _fits(body: Body, request: Body) -> bool:
    names, prefix = request.get("AlarmNames", []), request.get("AlarmNamePrefix", "")
    actions = [*body["OKActions"], *body["AlarmActions"], *body["InsufficientDataActions"]]
    return (
        (not names or body["AlarmName"] in names)
        and (prefix == "*" or body["AlarmName"].startswith(prefix))
        and request.get("StateValue", body["StateValue"]) == body["StateValue"]
        and ("ActionPrefix" not in request or any(each.startswith(request["ActionPrefix"]) for each in actions))
    )


def _check(request: Body) -> None:
    """Raise AwsError ValidationError for what CloudWatch forbids beyond its model."""
    for member in ("EvaluationPeriods", "ComparisonOperator", "Threshold"):
        if member not in request:
            raise _wrong(f"{member} is required for an alarm on a metric.")
    if request["ComparisonOperator"] not in COMPARISONS:
        raise _wrong("Anomaly detection is not supported by the local region: compare with a Threshold.")
    if "Metrics" in request:
        _check_metrics(request)
        stat = request["Metrics"][0]["MetricStat"]
        name, period = stat["Stat"], stat["Period"]
    else:
        for member in ("MetricName", "Namespace", "Period"):
            if member not in request:
                raise _wrong(f"{member} is required for an alarm on a metric.")
        if ("Statistic" in request) is ("ExtendedStatistic" in request):
            raise _wrong("Exactly one of Statistic and ExtendedStatistic is required.")
        name, period = request.get("Statistic") or request["ExtendedStatistic"], request["Period"]
    statistic(name)
    _check_periods(request, period)
    if request.get("TreatMissingData", "missing") not in MISSING:
        raise _wrong(f"Value '{request['TreatMissingData']}' for TreatMissingData must be one of {list(MISSING)}.")


def _check_metrics(request: Body) -> None:
    single = [each for each in ("MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Period", "Dimensions",
                                "Unit") if request.get(each)]  # fmt: skip
    if single:
        raise _wrong(f"{single[0]} and Metrics cannot both be specified.")
    if len(request["Metrics"]) != 1 or "MetricStat" not in request["Metrics"][0]:
        raise _wrong("Metric math (Expression) is not supported by the local region: use one MetricStat.")


def _check_periods(request: Body, period: int) -> None:
    if period not in SHORT_PERIODS and period % 60:
        raise _wrong("Period must be 10, 20, 30 or a multiple of 60")
    span, most = period * request["EvaluationPeriods"], 7 * 86400 if period >= 3600 else 86400
    if span > most:
        raise _wrong(f"Metrics cannot be checked across more than {'seven days' if most > 86400 else 'a day'}"
                     " (EvaluationPeriods * Period must be <= " f"{most}).")  # fmt: skip
    if request.get("DatapointsToAlarm", 1) > request["EvaluationPeriods"]:
        raise _wrong("DatapointsToAlarm must be less than or equal to EvaluationPeriods")


def _wrong(message: str) -> AwsError:
    return AwsError("ValidationError", message)
