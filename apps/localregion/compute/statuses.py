"""A training job's statuses as SageMaker reports them, and the ways from one to the next.

Texts: "SecondaryStatusTransition" in the SageMaker API reference, and DescribeTrainingJob's answers on AWS.
"""

from typing import Any

KIND = "training-job"
ACTIVE = ("InProgress", "Stopping")
LOST = "InternalServerError: We encountered an internal error. Please try again."
REASON_LENGTH = 1024  # FailureReason's maximum in the service model

PREPARING = "Preparing the instances for training"
TEXTS = {
    "Starting": "Starting the training job",
    "Pending": "Training job waiting for capacity",
    "Downloading": "Downloading input data",
    "Training": "Training image download completed. Training in progress.",
    "Uploading": "Uploading generated training model",
    "Stopping": "Stopping the training job",
    "Completed": "Training job completed",
    "Failed": "Training job failed",
    "Stopped": "Training job stopped",
    "MaxWaitTimeExceeded": "Training job wait time exceeded MaxWaitTimeInSeconds provided",
    "Restarting": "Restarting the training job after an internal error",
    "MaxRuntimeExceeded": "Training job runtime exceeded MaxRuntimeInSeconds provided",
}

Body = dict[str, Any]


def active(body: Body) -> bool:
    """Whether the job has not ended."""
    return body["TrainingJobStatus"] in ACTIVE


def enter(body: Body, secondary: str, now: float) -> Body:
    """The body in its next secondary status from `now` (unix seconds) on; the same again changes nothing."""
    if body["SecondaryStatus"] == secondary:
        return body
    *before, last = body["SecondaryStatusTransitions"]
    step = {"Status": secondary, "StartTime": now, "StatusMessage": TEXTS[secondary]}
    return {
        **body,
        "SecondaryStatus": secondary,
        "SecondaryStatusTransitions": [*before, {**last, "EndTime": now}, step],
        "LastModifiedTime": now,
    }


def admit(body: Body, now: float) -> Body:
    """The job has a slot: from here on it is billed."""
    *before, last = body["SecondaryStatusTransitions"]
    starting = {**last, "StatusMessage": PREPARING} if last["Status"] == "Starting" else last
    prepared = {**body, "SecondaryStatusTransitions": [*before, starting], "TrainingStartTime": now}
    return enter(prepared, "Downloading", now)


def restart(body: Body, now: float) -> Body:
    """The job begins again, in the slot that it has."""
    return enter({**body, "Attempt": body.get("Attempt", 0) + 1}, "Restarting", now)


def waited_too_long(body: Body, now: float) -> str:
    """The secondary status of a job whose time to wait is over at `now` (unix seconds), else ""."""
    condition, created = body["StoppingCondition"], body["CreationTime"]
    if now >= created + condition.get("MaxWaitTimeInSeconds", float("inf")):
        return "MaxWaitTimeExceeded"
    waiting = "TrainingStartTime" not in body
    return "Stopped" if waiting and now >= created + condition.get("MaxPendingTimeInSeconds", float("inf")) else ""


def stopping(body: Body, now: float) -> Body:
    """The job has been asked to stop."""
    return _status(enter(body, "Stopping", now), "Stopping")


def end(body: Body, status: str, secondary: str, now: float, reason: str = "") -> Body:
    """The body in a terminal status, with its times."""
    ended = _status(enter(body, secondary, now), status)
    transitions = ended["SecondaryStatusTransitions"]
    transitions[-1] = {**transitions[-1], "EndTime": now}
    ended["TrainingEndTime"] = now
    if reason:
        ended["FailureReason"] = reason[:REASON_LENGTH]
        transitions[-1]["StatusMessage"] = reason[:REASON_LENGTH]
    if "TrainingStartTime" in ended:
        seconds = max(1, round(now - ended["TrainingStartTime"]))
        ended["TrainingTimeInSeconds"] = ended["BillableTimeInSeconds"] = seconds
    return ended


def _status(body: Body, status: str) -> Body:
    return {**body, "TrainingJobStatus": status, "Status": status}
