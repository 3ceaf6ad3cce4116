"""CloudWatch alarms, by boto3: configuration, state by evaluation of real data, history, tags."""

import json
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from apps.localregion.services.cloudwatch.evaluation import Datapoint, state

DEADLINE = 90.0  # seconds
TOPIC = "arn:aws:sns:us-east-1:123456789012:team"


@pytest.fixture(scope="module")
def cloudwatch(client: Callable[..., Any]) -> Any:
    """A boto3 client."""
    return client("cloudwatch")


@pytest.fixture
def name() -> str:
    """An alarm's name, and that of its namespace."""
    return f"alarm {uuid.uuid4()}"


def put(cloudwatch: Any, name: str, **changes: Any) -> None:
    """PutMetricAlarm on the metric of the alarm's name; None leaves a member out."""
    members = {
        "AlarmName": name, "Namespace": name, "MetricName": "m", "Statistic": "Maximum", "Period": 60,
        "EvaluationPeriods": 1, "Threshold": 10.0, "ComparisonOperator": "GreaterThanThreshold", **changes,
    }  # fmt: skip
    cloudwatch.put_metric_alarm(**{member: value for member, value in members.items() if value is not None})


def data(cloudwatch: Any, name: str, *values: float) -> None:
    """A value a minute, the last in this one."""
    now = datetime.now(UTC)
    cloudwatch.put_metric_data(
        Namespace=name,
        MetricData=[
            {"MetricName": "m", "Timestamp": now - timedelta(minutes=ago), "Value": value}
            for ago, value in enumerate(reversed(values))
        ],
    )


def described(cloudwatch: Any, name: str) -> dict[str, Any]:
    """The alarm of this name."""
    (found,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    alarm: dict[str, Any] = found
    return alarm


def wait(cloudwatch: Any, name: str, wanted: str) -> dict[str, Any]:
    """The alarm once it is in the state."""
    deadline = time.monotonic() + DEADLINE
    while (found := described(cloudwatch, name))["StateValue"] != wanted:
        assert time.monotonic() < deadline, found
        time.sleep(0.2)
    return found


def test_a_new_alarm_has_its_configuration_and_no_data_yet(cloudwatch: Any, name: str) -> None:
    put(
        cloudwatch,
        name,
        AlarmActions=[TOPIC],
        Dimensions=[{"Name": "d", "Value": "v"}],
        Tags=[{"Key": "a", "Value": ""}],
    )
    alarm = described(cloudwatch, name)
    assert alarm["AlarmArn"] == f"arn:aws:cloudwatch:us-east-1:123456789012:alarm:{name}"
    assert (alarm["StateValue"], alarm["ActionsEnabled"]) == ("INSUFFICIENT_DATA", True)
    assert alarm["StateReason"] == "Unchecked: Initial alarm creation"
    assert (alarm["AlarmActions"], alarm["OKActions"]) == ([TOPIC], [])
    assert (alarm["Threshold"], alarm["Dimensions"]) == (10.0, [{"Name": "d", "Value": "v"}])
    assert abs(alarm["AlarmConfigurationUpdatedTimestamp"] - datetime.now(UTC)) < timedelta(seconds=60)
    assert not {"Tags", "Status", "ExtendedStatistic", "StateReasonData"} & set(alarm)


def test_the_state_follows_the_data_and_the_history_tells_of_it(cloudwatch: Any, name: str) -> None:
    data(cloudwatch, name, 99.0)
    put(cloudwatch, name, AlarmActions=[TOPIC])
    alarm = wait(cloudwatch, name, "ALARM")
    assert "1 out of the last 1 datapoints [99.0 (" in alarm["StateReason"]
    assert "was greater than the threshold (10.0) (minimum 1 datapoint for OK -> ALARM" in alarm["StateReason"]
    assert json.loads(alarm["StateReasonData"])["recentDatapoints"] == [99.0]
    put(cloudwatch, name, AlarmActions=[TOPIC], Threshold=100.0)
    assert described(cloudwatch, name)["Threshold"] == 100.0
    wait(cloudwatch, name, "OK")
    history = [
        item
        for page in cloudwatch.get_paginator("describe_alarm_history").paginate(
            AlarmName=name, PaginationConfig={"PageSize": 2}
        )
        for item in page["AlarmHistoryItems"]
    ]
    assert [(item["HistoryItemType"], item["HistorySummary"]) for item in history] == [
        ("StateUpdate", "Alarm updated from ALARM to OK"),
        ("ConfigurationUpdate", f'Alarm "{name}" updated'),
        ("Action", f"Failed to execute action {TOPIC}. The local region has no such service."),
        ("StateUpdate", "Alarm updated from INSUFFICIENT_DATA to ALARM"),
        ("ConfigurationUpdate", f'Alarm "{name}" created'),
    ]
    states = cloudwatch.describe_alarm_history(AlarmName=name, HistoryItemType="StateUpdate")["AlarmHistoryItems"]
    assert len(states) == 2
    assert json.loads(states[0]["HistoryData"])["newState"]["stateValue"] == "OK"


def test_m_out_of_n_and_missing_data_decide_the_state(cloudwatch: Any, name: str) -> None:
    data(cloudwatch, name, 99.0, 1.0, 99.0)
    put(cloudwatch, name, EvaluationPeriods=3, DatapointsToAlarm=2)
    put(cloudwatch, f"{name} strict", Namespace=name, EvaluationPeriods=3)
    put(cloudwatch, f"{name} absent", TreatMissingData="breaching")
    put(cloudwatch, f"{name} quiet", TreatMissingData="notBreaching")
    wait(cloudwatch, name, "ALARM")
    wait(cloudwatch, f"{name} strict", "OK")
    wait(cloudwatch, f"{name} absent", "ALARM")
    wait(cloudwatch, f"{name} quiet", "OK")


# AWS's own tables, oldest first: 0 is fine, X is breaching, - is missing; the last column keeps the state before.
@pytest.mark.parametrize(
    ("periods", "to_alarm", "missing", "ignore", "breaching", "not_breaching"),
    [
        ("0-X-X", 3, "OK", "OK", "OK", "OK"),
        ("0----", 3, "OK", "OK", "OK", "OK"),
        ("-----", 3, "INSUFFICIENT_DATA", "before", "ALARM", "OK"),
        ("0XX-X", 3, "ALARM", "ALARM", "ALARM", "ALARM"),
        ("--X--", 3, "ALARM", "before", "ALARM", "OK"),
        ("0-X-X", 2, "ALARM", "ALARM", "ALARM", "ALARM"),
        ("00X0X", 2, "ALARM", "ALARM", "ALARM", "ALARM"),
        ("0-X--", 2, "OK", "OK", "ALARM", "OK"),
        ("----0", 2, "OK", "OK", "ALARM", "OK"),
        ("---X-", 2, "ALARM", "before", "ALARM", "OK"),
    ],
)
def test_missing_data_means_what_the_alarm_says(
    periods: str, to_alarm: int, missing: str, ignore: str, breaching: str, not_breaching: str
) -> None:
    points = [Datapoint(0.0, age, 0.0, mark == "X") for age, mark in enumerate(reversed(periods), 1) if mark != "-"]
    for treat, wanted in (
        ("missing", missing), ("ignore", ignore), ("breaching", breaching), ("notBreaching", not_breaching)
    ):  # fmt: skip
        assert state(points, 3, to_alarm, treat, "before") == wanted, treat


def test_a_state_that_was_set_stays_for_a_while_and_gives_way_to_the_data(cloudwatch: Any, name: str) -> None:
    data(cloudwatch, name, 1.0)
    put(cloudwatch, name, OKActions=[])
    wait(cloudwatch, name, "OK")
    cloudwatch.set_alarm_state(
        AlarmName=name, StateValue="ALARM", StateReason="a drill", StateReasonData='{"drill": true}'
    )
    alarm = described(cloudwatch, name)
    assert (alarm["StateValue"], alarm["StateReason"]) == ("ALARM", "a drill")
    assert json.loads(alarm["StateReasonData"]) == {"drill": True}
    wait(cloudwatch, name, "OK")
    for code, members in (
        ("ResourceNotFound", {"AlarmName": "none"}), ("InvalidFormat", {"AlarmName": name, "StateReasonData": "{"})
    ):  # fmt: skip
        with pytest.raises(ClientError) as refused:
            cloudwatch.set_alarm_state(StateValue="OK", StateReason="r", **members)
        assert refused.value.response["Error"]["Code"] == code


def test_alarms_are_found_by_name_state_action_metric_and_page(cloudwatch: Any, name: str) -> None:
    for number in range(3):
        put(cloudwatch, f"{name} {number}", Namespace=name, AlarmActions=[TOPIC + str(number)], Period=60 + 60 * number)

    def names(**options: Any) -> list[str]:
        pages = cloudwatch.get_paginator("describe_alarms").paginate(
            AlarmNamePrefix=name, PaginationConfig={"PageSize": 2}, **options
        )
        return [alarm["AlarmName"].removeprefix(name) for page in pages for alarm in page["MetricAlarms"]]

    assert names() == [" 0", " 1", " 2"]
    assert names(ActionPrefix=TOPIC + "1") == [" 1"]
    assert names(StateValue="OK") == []
    assert names(AlarmTypes=["CompositeAlarm"]) == []
    found = cloudwatch.describe_alarms_for_metric(Namespace=name, MetricName="m", Period=120)["MetricAlarms"]
    assert [alarm["AlarmName"] for alarm in found] == [f"{name} 1"]
    assert cloudwatch.describe_alarms_for_metric(Namespace=name, MetricName="n")["MetricAlarms"] == []


def test_actions_are_switched_off_and_on(cloudwatch: Any, name: str) -> None:
    put(cloudwatch, name)
    cloudwatch.disable_alarm_actions(AlarmNames=[name])
    assert described(cloudwatch, name)["ActionsEnabled"] is False
    cloudwatch.enable_alarm_actions(AlarmNames=[name])
    assert described(cloudwatch, name)["ActionsEnabled"] is True


def test_alarms_are_deleted_all_or_none(cloudwatch: Any, name: str) -> None:
    put(cloudwatch, name)
    with pytest.raises(ClientError) as refused:
        cloudwatch.delete_alarms(AlarmNames=[name, "none"])
    assert refused.value.response["Error"]["Code"] == "ResourceNotFound"
    described(cloudwatch, name)
    cloudwatch.delete_alarms(AlarmNames=[name])
    assert cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"] == []


def test_alarms_have_tags(cloudwatch: Any, name: str) -> None:
    put(cloudwatch, name, Tags=[{"Key": "a", "Value": "1"}])
    arn = described(cloudwatch, name)["AlarmArn"]
    cloudwatch.tag_resource(ResourceARN=arn, Tags=[{"Key": "b", "Value": "2"}])
    cloudwatch.untag_resource(ResourceARN=arn, TagKeys=["a"])
    assert cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "b", "Value": "2"}]
    with pytest.raises(ClientError) as refused:
        cloudwatch.list_tags_for_resource(ResourceARN=arn + "-none")
    assert refused.value.response["Error"]["Code"] == "ResourceNotFoundException"


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"Threshold": None}, "Threshold is required"),
        ({"Statistic": None}, "Exactly one of Statistic and ExtendedStatistic"),
        ({"ExtendedStatistic": "p90"}, "Exactly one of Statistic and ExtendedStatistic"),
        ({"Period": 45}, "Period must be 10, 20, 30 or a multiple of 60"),
        ({"Period": 3600, "EvaluationPeriods": 169}, "more than seven days"),
        ({"DatapointsToAlarm": 2}, "less than or equal to EvaluationPeriods"),
        ({"TreatMissingData": "never"}, "TreatMissingData"),
        ({"ComparisonOperator": "GreaterThanUpperThreshold"}, "Anomaly detection is not supported"),
        ({"EvaluateLowSampleCountPercentile": "ignore"}, "EvaluateLowSampleCountPercentile is not supported"),
    ],
)
def test_an_alarm_that_cannot_be_is_refused(cloudwatch: Any, name: str, changes: dict[str, Any], text: str) -> None:
    with pytest.raises(ClientError, match=text) as refused:
        put(cloudwatch, name, **changes)
    assert refused.value.response["Error"]["Code"] == "ValidationError"
