"""The statuses of a training job and which may follow which, as data.

The words are SageMaker's own, but for `Requested`: the console has written the job down, SageMaker does not know it.
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeTrainingJob.html
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypedDict

from django.db import models


class TrainingJobStatus(models.TextChoices):
    """SageMaker's TrainingJobStatus, and `Requested` before it."""

    REQUESTED = "Requested"
    IN_PROGRESS = "InProgress"
    STOPPING = "Stopping"
    COMPLETED = "Completed"
    FAILED = "Failed"
    STOPPED = "Stopped"


S = TrainingJobStatus
FOLLOWERS: Mapping[TrainingJobStatus, frozenset[TrainingJobStatus]] = {
    S.REQUESTED: frozenset({S.IN_PROGRESS, S.FAILED, S.STOPPED}),
    S.IN_PROGRESS: frozenset({S.STOPPING, S.COMPLETED, S.FAILED, S.STOPPED}),
    S.STOPPING: frozenset({S.COMPLETED, S.FAILED, S.STOPPED}),
    S.COMPLETED: frozenset(),
    S.FAILED: frozenset(),
    S.STOPPED: frozenset(),
}
TERMINAL = frozenset(status for status, followers in FOLLOWERS.items() if not followers)
ACTIVE = frozenset(S) - TERMINAL
# What SageMaker runs, and charges for.
RUNNING = ACTIVE - {S.REQUESTED}

Kind = Literal["run", "good", "bad", "stop", "wait"]

# How a status looks: a turning ring, a dot, a diamond, a square, a hollow ring.
KINDS: Mapping[str, Kind] = {
    S.REQUESTED: "wait",
    "Pending": "wait",
    S.IN_PROGRESS: "run",
    S.STOPPING: "run",
    S.COMPLETED: "good",
    S.FAILED: "bad",
    S.STOPPED: "stop",
    "Deleting": "run",
}

# The secondary statuses of a job that goes well, in order: the timeline.
TIMELINE = ("Starting", "Downloading", "Training", "Uploading", "Completed")
# SageMaker's further words for the same stretches of the way.
SAME_AS = {"Pending": "Starting", "LaunchingMLInstances": "Starting", "PreparingTrainingStack": "Starting",
           "DownloadingTrainingImage": "Downloading"}  # fmt: skip


def reachable_from(status: TrainingJobStatus) -> list[TrainingJobStatus]:
    """The statuses a job may have just before `status`, itself among them: the guard of every status UPDATE.

    A status may be passed over between two looks, so that everything from which `status` can be reached counts.
    """
    before = {status}
    while grown := {s for s, followers in FOLLOWERS.items() if followers & before} - before:
        before |= grown
    return sorted(before)


class Transition(TypedDict):
    """One of SageMaker's SecondaryStatusTransitions; times in ISO 8601."""

    status: str
    started_at: str
    ended_at: str | None
    message: str


@dataclass(frozen=True)
class Step:
    """One stretch of the timeline; `seconds` it has taken so far, None when it has not begun."""

    name: str
    state: Literal["done", "now", "todo", "bad", "stop"]
    seconds: float | None


def timeline(status: str, transitions: Sequence[Transition], now: datetime) -> list[Step]:
    """The way of a job: what is done, what goes on, what is to come, and where it ended otherwise."""
    spent: dict[str, float] = {}
    for entry in transitions:
        name = SAME_AS.get(entry["status"], entry["status"])
        end = datetime.fromisoformat(entry["ended_at"]) if entry["ended_at"] else now
        seconds = (end - datetime.fromisoformat(entry["started_at"])).total_seconds()
        spent[name] = spent.get(name, 0.0) + max(seconds, 0.0)
    passed = [name for name in TIMELINE[:-1] if name in spent]
    if status == S.COMPLETED:
        return [Step(name, "done", spent.get(name)) for name in TIMELINE]
    if status in TERMINAL:
        last = Step(status, "bad" if status == S.FAILED else "stop", None)
        return [*(Step(name, "done", spent[name]) for name in passed), last]
    if status == S.REQUESTED:
        return [Step(str(S.REQUESTED), "now", None), *(Step(name, "todo", None) for name in TIMELINE)]
    current = passed[-1] if passed else TIMELINE[0]
    steps = [Step(name, "done", spent[name]) for name in passed[:-1]]
    steps.append(Step(current, "now", spent.get(current)))
    return steps + [Step(name, "todo", None) for name in TIMELINE[TIMELINE.index(current) + 1 :]]
