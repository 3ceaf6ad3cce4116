"""Amazon CloudWatch: the metrics of training jobs and of clients, and alarms on them.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/
"""

from apps.localregion.services.cloudwatch.alarm_history import describe_alarm_history
from apps.localregion.services.cloudwatch.alarms import (
    delete_alarms,
    describe_alarms,
    describe_alarms_for_metric,
    disable_alarm_actions,
    enable_alarm_actions,
    put_metric_alarm,
    set_alarm_state,
)
from apps.localregion.services.cloudwatch.listing import list_metrics
from apps.localregion.services.cloudwatch.putting import put_metric_data
from apps.localregion.services.cloudwatch.queries import get_metric_data, get_metric_statistics
from apps.localregion.services.cloudwatch.tags import list_tags_for_resource, tag_resource, untag_resource

__all__ = [
    "delete_alarms",
    "describe_alarm_history",
    "describe_alarms",
    "describe_alarms_for_metric",
    "disable_alarm_actions",
    "enable_alarm_actions",
    "get_metric_data",
    "get_metric_statistics",
    "list_metrics",
    "list_tags_for_resource",
    "put_metric_alarm",
    "put_metric_data",
    "set_alarm_state",
    "tag_resource",
    "untag_resource",
]
