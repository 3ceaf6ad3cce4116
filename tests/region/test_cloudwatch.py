"""CloudWatch's metrics that clients put, by boto3: data points, statistics, listings."""

import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.region.conftest import RegionProcess
from tests.region.test_protocols import PROTOCOLS, call

HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def cloudwatch(client: Callable[..., Any]) -> Any:
    """A boto3 client."""
    return client("cloudwatch")


@pytest.fixture
def namespace() -> str:
    """A namespace of the test's own."""
    return f"test/{uuid.uuid4()}"


def minute() -> datetime:
    """The start of the minute before the last whole one."""
    return datetime.fromtimestamp(time.time() // 60 * 60 - 120, UTC)


def statistics(cloudwatch: Any, namespace: str, name: str = "m", **options: Any) -> list[dict[str, Any]]:
    """GetMetricStatistics of the hour before the next, by time."""
    now = minute()
    asked = {
        "Period": 60, "Statistics": ["Sum"], "StartTime": now - HOUR, "EndTime": now + HOUR, "Dimensions": [], **options
    }  # fmt: skip
    found = cloudwatch.get_metric_statistics(Namespace=namespace, MetricName=name, **asked)
    assert found["Label"] == name
    return sorted(found["Datapoints"], key=lambda point: point["Timestamp"])


def refused(code: str, call: Callable[..., Any], **members: Any) -> str:
    """The message with which the call is refused."""
    with pytest.raises(ClientError) as error:
        call(**members)
    assert error.value.response["Error"]["Code"] == code
    return str(error.value.response["Error"]["Message"])


def test_values_counts_and_statistic_sets_make_every_statistic(cloudwatch: Any, namespace: str) -> None:
    at = minute()
    cloudwatch.put_metric_data(
        Namespace=namespace,
        MetricData=[
            {"MetricName": "m", "Timestamp": at, "Value": 1.0, "Unit": "Count"},
            {"MetricName": "m", "Timestamp": at, "Values": [2.0, 4.0], "Counts": [3.0, 1.0], "Unit": "Count"},
            {
                "MetricName": "m", "Timestamp": at, "Unit": "Count",
                "StatisticValues": {"SampleCount": 2, "Sum": 10, "Minimum": 4, "Maximum": 6},
            },
        ],
    )  # fmt: skip
    every = ["SampleCount", "Average", "Sum", "Minimum", "Maximum"]
    (point,) = statistics(cloudwatch, namespace, Statistics=every)
    assert (point["SampleCount"], point["Sum"], point["Minimum"], point["Maximum"]) == (7, 21, 1, 6)
    assert (point["Average"], point["Timestamp"], point["Unit"]) == (3, at, "Count")


def test_percentiles_need_values_or_a_set_that_has_but_one(cloudwatch: Any, namespace: str) -> None:
    at = minute()
    cloudwatch.put_metric_data(
        Namespace=namespace,
        MetricData=[
            {"MetricName": "m", "Timestamp": at, "Values": [float(value) for value in range(100)]},
            {
                "MetricName": "of sets", "Timestamp": at,
                "StatisticValues": {"SampleCount": 2, "Sum": 10, "Minimum": 4, "Maximum": 6},
            },
        ],
    )  # fmt: skip
    (point,) = cloudwatch.get_metric_statistics(
        Namespace=namespace,
        MetricName="m",
        Period=60,
        StartTime=at,
        EndTime=at + HOUR,
        ExtendedStatistics=["p50", "p99.9"],
    )["Datapoints"]
    assert point["ExtendedStatistics"] == {"p50": 50.0, "p99.9": 99.0}
    asked = {"Id": "m", "MetricStat": {
        "Metric": {"Namespace": namespace, "MetricName": "of sets"}, "Period": 60, "Stat": "p50"}}  # fmt: skip
    found = cloudwatch.get_metric_data(MetricDataQueries=[asked], StartTime=at, EndTime=at + HOUR)
    assert found["MetricDataResults"][0]["Values"] == []


def test_dimensions_and_units_tell_series_apart(cloudwatch: Any, namespace: str) -> None:
    at = minute()
    host = [{"Name": "b", "Value": "2"}, {"Name": "a", "Value": "1"}]
    cloudwatch.put_metric_data(
        Namespace=namespace,
        MetricData=[
            {"MetricName": "m", "Timestamp": at, "Value": 1.0, "Dimensions": host, "Unit": "Bytes"},
            {"MetricName": "m", "Timestamp": at, "Value": 2.0, "Dimensions": host, "Unit": "Count"},
            {"MetricName": "m", "Timestamp": at, "Value": 4.0},
        ],
    )
    assert [point["Sum"] for point in statistics(cloudwatch, namespace)] == [4]
    both = statistics(cloudwatch, namespace, Dimensions=host[::-1])
    assert {(point["Unit"], point["Sum"]) for point in both} == {("Bytes", 1), ("Count", 2)}
    assert [point["Sum"] for point in statistics(cloudwatch, namespace, Dimensions=host, Unit="Count")] == [2]
    assert statistics(cloudwatch, namespace, Dimensions=host[:1]) == []


def test_storage_resolution_says_how_finely_a_time_is_kept(cloudwatch: Any, namespace: str) -> None:
    at = minute() + timedelta(seconds=7)
    for name, resolution in (("fine", 1), ("m", 60)):
        datum = {"MetricName": name, "Timestamp": at, "Value": 1.0, "StorageResolution": resolution}
        cloudwatch.put_metric_data(Namespace=namespace, MetricData=[datum])
    assert [point["Timestamp"] for point in statistics(cloudwatch, namespace, "fine", Period=1, StartTime=minute(),
                                                       EndTime=minute() + timedelta(minutes=3))] == [at]  # fmt: skip
    assert [point["Timestamp"] for point in statistics(cloudwatch, namespace)] == [minute()]


def test_periods_are_summed_up_and_cut_into_pages(cloudwatch: Any, namespace: str) -> None:
    at = datetime.fromtimestamp(time.time() // 300 * 300 - 1200, UTC)
    data = [
        {"MetricName": "m", "Timestamp": at + timedelta(minutes=number), "Value": float(number)} for number in range(15)
    ]
    cloudwatch.put_metric_data(Namespace=namespace, MetricData=data)
    asked = {"Id": "m", "MetricStat": {
        "Metric": {"Namespace": namespace, "MetricName": "m"}, "Period": 300, "Stat": "Sum"}}  # fmt: skip
    span = {"StartTime": at, "EndTime": at + HOUR}
    whole = cloudwatch.get_metric_data(MetricDataQueries=[asked], ScanBy="TimestampAscending", **span)
    assert whole["MetricDataResults"][0]["Values"] == [10, 35, 60]
    pages = cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=[asked], PaginationConfig={"PageSize": 2}, **span
    )
    assert [value for page in pages for value in page["MetricDataResults"][0]["Values"]] == [60, 35, 10]


def test_metrics_are_listed_by_namespace_name_dimension_and_page(cloudwatch: Any, namespace: str) -> None:
    data = [
        {"MetricName": f"m{number % 2}", "Value": 1.0, "Dimensions": [{"Name": "n", "Value": str(number)}]}
        for number in range(501)
    ]
    cloudwatch.put_metric_data(Namespace=namespace, MetricData=data)
    first = cloudwatch.list_metrics(Namespace=namespace)
    assert len(first["Metrics"]) == 500
    second = cloudwatch.list_metrics(Namespace=namespace, NextToken=first["NextToken"])
    assert len(second["Metrics"]) == 1
    assert "NextToken" not in second
    assert len(cloudwatch.list_metrics(Namespace=namespace, MetricName="m1")["Metrics"]) == 250
    one = [{"Name": "n", "Value": "7"}]
    found = cloudwatch.list_metrics(Namespace=namespace, Dimensions=one, RecentlyActive="PT3H")["Metrics"]
    assert found == [{"Namespace": namespace, "MetricName": "m1", "Dimensions": one}]
    assert cloudwatch.list_metrics(Namespace=namespace, Dimensions=[{"Name": "other"}])["Metrics"] == []
    refused("InvalidParameterValue", cloudwatch.list_metrics, NextToken="forged")


def test_a_metric_that_was_quiet_for_hours_is_not_recently_active(cloudwatch: Any, namespace: str) -> None:
    old = {"MetricName": "m", "Value": 1.0, "Timestamp": datetime.now(UTC) - 4 * HOUR}
    cloudwatch.put_metric_data(Namespace=namespace, MetricData=[old])
    assert len(cloudwatch.list_metrics(Namespace=namespace)["Metrics"]) == 1
    assert cloudwatch.list_metrics(Namespace=namespace, RecentlyActive="PT3H")["Metrics"] == []


def test_a_long_request_comes_compressed(region: RegionProcess, namespace: str) -> None:
    always = region.client("cloudwatch", Config(request_min_compression_size_bytes=1))
    always.put_metric_data(Namespace=namespace, MetricData=[{"MetricName": "m", "Value": 1.0}])
    assert len(always.list_metrics(Namespace=namespace)["Metrics"]) == 1


@pytest.mark.parametrize(
    ("datum", "code", "text"),
    [
        ({}, "MissingParameter", "Value"),
        ({"Value": 1.0, "Values": [1.0]}, "InvalidParameterCombination", "mutually exclusive"),
        ({"Value": float("nan")}, "InvalidParameterValue", "invalid"),
        ({"Value": 2.0**361}, "InvalidParameterValue", "invalid"),
        ({"Values": [1.0, 2.0], "Counts": [1.0]}, "InvalidParameterValue", "one length"),
        ({"Value": 1.0, "StorageResolution": 5}, "InvalidParameterValue", "StorageResolution"),
        ({"Value": 1.0, "Timestamp": datetime(2020, 1, 1, tzinfo=UTC)}, "InvalidParameterValue", "past two weeks"),
        ({"Value": 1.0, "Timestamp": datetime(2120, 1, 1, tzinfo=UTC)}, "InvalidParameterValue", "two hours"),
        ({"Value": 1.0, "Dimensions": [{"Name": "d", "Value": "1"}] * 2}, "InvalidParameterValue", "more than once"),
    ],
)
def test_data_that_cannot_be_are_refused(
    cloudwatch: Any, namespace: str, datum: dict[str, Any], code: str, text: str
) -> None:
    good = {"MetricName": "m", "Value": 1.0}
    message = refused(
        code, cloudwatch.put_metric_data, Namespace=namespace, MetricData=[good, {"MetricName": "m", **datum}]
    )
    assert text in message
    assert "MetricData.member.2" in message
    assert cloudwatch.list_metrics(Namespace=namespace)["Metrics"] == []


def test_questions_that_cannot_be_are_refused(cloudwatch: Any, namespace: str) -> None:
    now = datetime.now(UTC)
    asked = {"Namespace": namespace, "MetricName": "m", "StartTime": now - HOUR, "EndTime": now, "Period": 60}
    call = cloudwatch.get_metric_statistics
    refused("MissingParameter", call, **asked)
    refused("InvalidParameterCombination", call, Statistics=["Sum"], ExtendedStatistics=["p1"], **asked)
    refused("InvalidParameterValue", call, Statistics=["Sum"], **asked | {"Period": 61})
    refused("InvalidParameterValue", call, Statistics=["Sum"], **asked | {"EndTime": now - HOUR})
    message = refused("InvalidParameterCombination", call, Statistics=["Sum"], **asked | {"Period": 1})
    assert "up to 3,600 datapoints, which exceeds the limit of 1,440" in message
    stat = {"Metric": {"Namespace": namespace, "MetricName": "m"}, "Period": 60, "Stat": "Sum"}
    span = {"StartTime": now - HOUR, "EndTime": now}
    twice = [{"Id": "a", "MetricStat": stat}] * 2
    refused("ValidationError", cloudwatch.get_metric_data, MetricDataQueries=twice, **span)
    refused("ValidationError", cloudwatch.get_metric_data, MetricDataQueries=[{"Id": "A", "MetricStat": stat}], **span)
    refused("InvalidParameterValue", cloudwatch.put_metric_data, Namespace="AWS/EC2",
            MetricData=[{"MetricName": "m", "Value": 1.0}])  # fmt: skip


def test_what_was_put_outlives_a_kill(private_region: RegionProcess) -> None:
    cloudwatch = private_region.client("cloudwatch")
    cloudwatch.put_metric_data(Namespace="n", MetricData=[{"MetricName": "m", "Value": 1.0}])
    private_region.kill()
    private_region.start()
    assert len(cloudwatch.list_metrics(Namespace="n")["Metrics"]) == 1


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_data_and_alarms_are_put_and_read_in_every_protocol(
    region: RegionProcess, namespace: str, protocol: str
) -> None:
    at = minute()
    datum = {
        "MetricName": "m", "Timestamp": at, "Values": [1.0, 2.5], "Counts": [2.0, 1.0], "Unit": "Seconds",
        "Dimensions": [{"Name": "d", "Value": "v"}],
    }  # fmt: skip
    assert call(region, protocol, "PutMetricData", {"Namespace": namespace, "MetricData": [datum]})[0] == 200
    asked = {
        "Namespace": namespace, "MetricName": "m", "Dimensions": datum["Dimensions"], "Period": 60,
        "StartTime": at, "EndTime": at + HOUR, "Statistics": ["Sum", "SampleCount"],
    }  # fmt: skip
    status, answer = call(region, protocol, "GetMetricStatistics", asked)
    assert status == 200
    (point,) = answer["Datapoints"]
    assert (point["Sum"], point["SampleCount"], point["Unit"], point["Timestamp"]) == (4.5, 3.0, "Seconds", at)
    alarm = {
        "AlarmName": namespace, "Namespace": namespace, "MetricName": "m", "Statistic": "Sum", "Period": 60,
        "EvaluationPeriods": 1, "Threshold": 4.5, "ComparisonOperator": "GreaterThanThreshold",
    }  # fmt: skip
    assert call(region, protocol, "PutMetricAlarm", alarm)[0] == 200
    status, answer = call(region, protocol, "DescribeAlarms", {"AlarmNames": [namespace]})
    (found,) = answer["MetricAlarms"]
    assert {name: found[name] for name in alarm} == alarm
    status, answer = call(region, protocol, "DeleteAlarms", {"AlarmNames": ["none"]})
    assert (status, answer["Error"]["Code"]) == (404, "ResourceNotFound")
