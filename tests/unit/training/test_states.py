"""The statuses of a training job as data."""

from datetime import UTC, datetime, timedelta

import pytest

from apps.training.states import ACTIVE, TERMINAL, Step, Transition, reachable_from, timeline
from apps.training.states import TrainingJobStatus as Status

BEGIN = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)


def transition(status: str, start: float, end: float | None) -> Transition:
    """A stretch of seconds after BEGIN."""
    ended = (BEGIN + timedelta(seconds=end)).isoformat() if end is not None else None
    started = (BEGIN + timedelta(seconds=start)).isoformat()
    return {"status": status, "started_at": started, "ended_at": ended, "message": ""}


def test_terminal_statuses_are_those_of_sagemaker() -> None:
    assert {"Completed", "Failed", "Stopped"} == TERMINAL
    assert {"Requested", "InProgress", "Stopping"} == ACTIVE


@pytest.mark.parametrize("late", [Status.IN_PROGRESS, Status.STOPPING])
def test_a_late_answer_never_reopens_a_job_that_has_ended(late: Status) -> None:
    assert not set(reachable_from(late)) & TERMINAL


def test_a_status_may_be_passed_over_between_two_looks() -> None:
    assert set(reachable_from(Status.COMPLETED)) == {"Requested", "InProgress", "Stopping", "Completed"}


def test_the_timeline_of_a_running_job_says_how_long_each_stretch_took() -> None:
    entries = [transition("Starting", 0, 2), transition("Downloading", 2, 3), transition("Training", 3, None)]
    assert timeline("InProgress", entries, BEGIN + timedelta(seconds=41)) == [
        Step("Starting", "done", 2),
        Step("Downloading", "done", 1),
        Step("Training", "now", 38),
        Step("Uploading", "todo", None),
        Step("Completed", "todo", None),
    ]


def test_the_timeline_of_a_failed_job_ends_where_it_failed() -> None:
    entries = [transition("Starting", 0, 2), transition("Downloading", 2, 3), transition("Failed", 3, 3)]
    assert timeline("Failed", entries, BEGIN) == [
        Step("Starting", "done", 2),
        Step("Downloading", "done", 1),
        Step("Failed", "bad", None),
    ]


def test_a_job_that_was_never_submitted_has_a_timeline_too() -> None:
    steps = timeline("Requested", [], BEGIN)
    assert [(step.name, step.state) for step in steps[:2]] == [("Requested", "now"), ("Starting", "todo")]
    assert timeline("Stopped", [], BEGIN) == [Step("Stopped", "stop", None)]
