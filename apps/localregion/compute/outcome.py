"""From an exit record to the status and the words SageMaker has for it."""

import signal
from typing import Any

from apps.localregion.compute.statuses import LOST

NO_SPACE = "ClientError: No space left on device"
# SageMaker's own words for it.
OUT_OF_MEMORY = (
    "ClientError: Please use an instance type with more memory, or reduce the size of training data processed on an "
    "instance."
)
PREFIXES = ("AlgorithmError:", "ClientError:", "InternalServerError:")


def outcome(record: dict[str, Any], stopping: bool, waited: bool = False) -> tuple[str, str, str]:
    """TrainingJobStatus, SecondaryStatus and FailureReason ("" if none) of a job whose program has ended.

    `waited`: the time to wait for a spot job was over, which may be before its runtime's end.
    `stopping`: somebody asked for the end; a program that was told to stop without that was hit by accident.
    """
    if record["reason"] == "max_runtime":
        return "Stopped", "MaxWaitTimeExceeded" if waited else "MaxRuntimeExceeded", ""
    if record["reason"] == "volume_full":
        return "Failed", "Failed", f"{NO_SPACE}: use a larger VolumeSizeInGB"
    if stopping:
        return "Stopped", "Stopped", ""
    if record["reason"] == "stopped":
        return "Failed", "Failed", LOST
    if record["exit_code"] == 0:
        return "Completed", "Completed", ""
    return "Failed", "Failed", failure_reason(record)


def disk_full(record: dict[str, Any]) -> bool:
    """Whether the job failed for want of room on the disk."""
    return record["reason"] == "volume_full" or bool(record.get("disk_full") and record["exit_code"])


def failure_reason(record: dict[str, Any]) -> str:
    """`output/failure` in SageMaker's frame; when the program wrote none, its signal or the last line it printed."""
    text = record["failure"].strip() or _last_words(record)
    if record.get("out_of_memory"):
        text = OUT_OF_MEMORY
    elif record.get("disk_full"):
        text = f"{NO_SPACE}: {text}"
    prefix = "" if text.startswith(PREFIXES) else "AlgorithmError: "
    suffix = f", exit code: {record['exit_code']}"
    return f"{prefix}{text}"[: 1024 - len(suffix)] + suffix


def _last_words(record: dict[str, Any]) -> str:
    number = record["exit_code"] - 128
    if number in signal.valid_signals():
        return f"The training program was ended by {signal.Signals(number).name}"
    return record["tail"][-1].strip() if record["tail"] else ""


def final_metrics(record: dict[str, Any]) -> list[dict[str, Any]]:
    """FinalMetricDataList: the last value of each metric."""
    return [
        {"MetricName": metric["name"], "Value": metric["value"], "Timestamp": metric["t"]}
        for metric in record["metrics"]
    ]
