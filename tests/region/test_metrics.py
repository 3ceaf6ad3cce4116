"""CloudWatch metrics over the wire: what jobs report and what they use."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.region.conftest import RegionProcess
from tests.region.trainer import WAIT_SECONDS, Trainer

NAMESPACE = "/aws/sagemaker/TrainingJobs"


@pytest.fixture(scope="module")
def trainer(region: RegionProcess) -> Trainer:
    """The shared region with data in its S3."""
    return Trainer(region)


@pytest.fixture(scope="module")
def job(trainer: Trainer) -> dict[str, Any]:
    """A job that ran for some seconds and was stopped."""
    name = trainer.start_long()
    use, deadline = trainer.folder(name) / "usage.jsonl", time.monotonic() + WAIT_SECONDS
    while not use.exists() or use.read_text().count("\n") < 3:
        assert time.monotonic() < deadline, "no use of the machine is sampled"
        time.sleep(0.05)
    trainer.sagemaker.stop_training_job(TrainingJobName=name)
    return trainer.wait(name)


@pytest.fixture(scope="module")
def cloudwatch(region: RegionProcess) -> Any:
    """A boto3 client."""
    return region.client("cloudwatch")


def query(metric: str, dimension: str, value: str, **changes: Any) -> dict[str, Any]:
    """A query of GetMetricData."""
    named = {"Namespace": NAMESPACE, "MetricName": metric, "Dimensions": [{"Name": dimension, "Value": value}]}
    return {"Id": "m", "MetricStat": {"Metric": named, "Period": 1, "Stat": "Average", **changes}}


def span() -> dict[str, datetime]:
    """The last hour."""
    now = datetime.now(UTC)
    return {"StartTime": now - timedelta(hours=1), "EndTime": now + timedelta(seconds=1)}


def test_training_metrics_are_those_that_the_log_shows(trainer: Trainer, cloudwatch: Any) -> None:
    finished = trainer.train({"num_round": "5"})
    name = finished["TrainingJobName"]
    shown = [float(line.rpartition("validation-auc:")[2]) for line in trainer.lines(name) if "validation-auc" in line]
    series = {}
    for stat in ("Minimum", "Maximum", "Sum", "SampleCount"):
        asked = query("validation:auc", "TrainingJobName", name, Period=3600, Stat=stat)
        result = cloudwatch.get_metric_data(MetricDataQueries=[asked], **span())["MetricDataResults"][0]
        assert (result["Id"], result["StatusCode"]) == ("m", "Complete")
        series[stat] = result["Values"]
    assert len(shown) == 5
    assert min(series["Minimum"]) == min(shown)
    assert max(series["Maximum"]) == max(shown)
    assert sum(series["SampleCount"]) == 5
    assert sum(series["Sum"]) == pytest.approx(sum(shown))


def test_a_job_shows_its_use_of_the_machine_in_percent(cloudwatch: Any, job: dict[str, Any]) -> None:
    host = f"{job['TrainingJobName']}/algo-1"
    for metric, least, most in (
        ("CPUUtilization", 1, 100 * 64),
        ("MemoryUtilization", 0.01, 100),
        ("DiskUtilization", 0.01, 100),
    ):
        asked = query(metric, "Host", host)
        result = cloudwatch.get_metric_data(MetricDataQueries=[asked], **span())["MetricDataResults"][0]
        assert len(result["Values"]) >= 2, metric
        assert least <= max(result["Values"]) <= most, metric
        assert result["Timestamps"] == sorted(result["Timestamps"], reverse=True)


def test_datapoints_come_in_pages(cloudwatch: Any, job: dict[str, Any]) -> None:
    asked = query("train:auc", "TrainingJobName", job["TrainingJobName"])
    whole = cloudwatch.get_metric_data(MetricDataQueries=[asked], ScanBy="TimestampAscending", **span())
    values = whole["MetricDataResults"][0]["Values"]
    assert len(values) >= 2
    first = cloudwatch.get_metric_data(
        MetricDataQueries=[asked], ScanBy="TimestampAscending", MaxDatapoints=1, **span()
    )
    assert first["MetricDataResults"][0]["Values"] == values[:1]
    assert first["MetricDataResults"][0]["StatusCode"] == "PartialData"
    second = cloudwatch.get_metric_data(
        MetricDataQueries=[asked], ScanBy="TimestampAscending", MaxDatapoints=1, NextToken=first["NextToken"], **span()
    )
    assert second["MetricDataResults"][0]["Values"] == values[1:2]


def test_metrics_can_be_listed_and_summed_up(cloudwatch: Any, job: dict[str, Any]) -> None:
    name = job["TrainingJobName"]
    mine = [{"Name": "TrainingJobName", "Value": name}]
    listed = cloudwatch.list_metrics(Namespace=NAMESPACE, Dimensions=mine)["Metrics"]
    assert [metric["MetricName"] for metric in listed] == ["train:auc", "validation:auc"]
    names = {
        metric["MetricName"]
        for page in cloudwatch.get_paginator("list_metrics").paginate()
        for metric in page["Metrics"]
    }
    assert {"CPUUtilization", "train:auc"} <= names
    points = cloudwatch.get_metric_statistics(
        Namespace=NAMESPACE, MetricName="train:auc", Dimensions=mine, Period=3600,
        Statistics=["Maximum", "Average"], **span(),
    )["Datapoints"]  # fmt: skip
    assert all(0 < point["Average"] <= point["Maximum"] <= 1 for point in points)
    assert points


def test_what_nobody_wrote_has_no_values(cloudwatch: Any) -> None:
    for value in ("no-such-job", "../../../etc"):
        asked = query("train:auc", "TrainingJobName", value)
        result = cloudwatch.get_metric_data(MetricDataQueries=[asked], **span())["MetricDataResults"][0]
        assert result["Values"] == []


def test_what_the_region_does_not_do_is_refused_by_name(cloudwatch: Any, job: dict[str, Any]) -> None:
    with pytest.raises(ClientError, match="Metric math"):
        cloudwatch.get_metric_data(MetricDataQueries=[{"Id": "e", "Expression": "m1 + 1"}], **span())
    asked = query("train:auc", "TrainingJobName", job["TrainingJobName"], Stat="tm99")
    with pytest.raises(ClientError, match="Statistic tm99 is not supported"):
        cloudwatch.get_metric_data(MetricDataQueries=[asked], **span())
