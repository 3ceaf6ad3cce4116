"""What a job's instance uses, from CloudWatch."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from apps.aws import clients
from apps.aws.errors import translated
from apps.aws.models import Workspace

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef

# https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html
NAMESPACE = "/aws/sagemaker/TrainingJobs"
METRICS = ("CPUUtilization", "MemoryUtilization", "DiskUtilization")

Series = dict[str, list[tuple[datetime, float]]]


def usage(workspace: Workspace, name: str, since: datetime, until: datetime, period: int) -> Series:
    """The first instance's CPU, memory and disk use in per cent, one value each `period` seconds."""
    queries = [_query(f"{name}/algo-1", metric, period) for metric in METRICS]
    found: Series = {metric: [] for metric in METRICS}
    by_id = {metric.lower(): metric for metric in METRICS}
    with translated():
        pages = (
            clients.cloudwatch(workspace)
            .get_paginator("get_metric_data")
            .paginate(
                MetricDataQueries=queries,
                StartTime=since,
                EndTime=until,
                ScanBy="TimestampAscending",
            )
        )
        for page in pages:
            for result in page["MetricDataResults"]:
                found[by_id[result["Id"]]] += zip(result["Timestamps"], result["Values"], strict=True)
    return found


def _query(host: str, metric: str, period: int) -> "MetricDataQueryTypeDef":
    return {
        "Id": metric.lower(),
        "MetricStat": {
            "Metric": {
                "Namespace": NAMESPACE,
                "MetricName": metric,
                "Dimensions": [{"Name": "Host", "Value": host}],
            },
            "Period": period,
            "Stat": "Average",
        },
    }


def usage_period(started: datetime, now: datetime) -> int:
    """Seconds a value: CloudWatch keeps values finer than a minute for three hours only.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
    """
    return 60 if now - started > timedelta(hours=3) else 1
