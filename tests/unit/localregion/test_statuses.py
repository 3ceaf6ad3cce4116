"""A job's document from one status to the next, and the words for how it ended."""

from typing import Any

import pytest

from apps.localregion.compute import statuses
from apps.localregion.compute.outcome import failure_reason, outcome


def new() -> dict[str, Any]:
    """The document of a job made at second 100."""
    starting = {"Status": "Starting", "StartTime": 100.0, "StatusMessage": "Starting the training job"}
    return {
        "TrainingJobStatus": "InProgress",
        "SecondaryStatus": "Starting",
        "SecondaryStatusTransitions": [starting],
        "CreationTime": 100.0,
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
    }


def record(**changes: Any) -> dict[str, Any]:
    """An exit record."""
    return {"exit_code": 0, "reason": "exited", "failure": "", "tail": [], "metrics": [], **changes}


def test_each_step_ends_where_the_next_begins() -> None:
    body = statuses.admit(statuses.enter(new(), "Pending", 101.0), 103.0)
    ended = statuses.end(body, "Failed", "Failed", 110.0, "x" * 2000)
    steps = ended["SecondaryStatusTransitions"]
    assert [(step["Status"], step["StartTime"], step["EndTime"]) for step in steps] == [
        ("Starting", 100.0, 101.0),
        ("Pending", 101.0, 103.0),
        ("Downloading", 103.0, 110.0),
        ("Failed", 110.0, 110.0),
    ]
    assert ended["TrainingTimeInSeconds"] == ended["BillableTimeInSeconds"] == 7
    assert len(ended["FailureReason"]) == 1024
    assert not statuses.active(ended)


def test_entering_the_same_status_again_changes_nothing() -> None:
    body = statuses.enter(new(), "Training", 101.0)
    assert statuses.enter(body, "Training", 102.0) == body


def test_a_job_that_never_had_a_slot_is_not_billed() -> None:
    ended = statuses.end(statuses.stopping(new(), 101.0), "Stopped", "Stopped", 102.0)
    assert "BillableTimeInSeconds" not in ended
    assert "FailureReason" not in ended


@pytest.mark.parametrize(
    ("changes", "stopping", "status"),
    [
        ({}, False, ("Completed", "Completed", "")),
        ({"exit_code": 143, "reason": "stopped"}, True, ("Stopped", "Stopped", "")),
        ({"exit_code": 137, "reason": "max_runtime"}, False, ("Stopped", "MaxRuntimeExceeded", "")),
        ({"exit_code": 143, "reason": "stopped"}, False, ("Failed", "Failed", statuses.LOST)),
        (
            {"exit_code": 1, "failure": "ClientError: no data"},
            False,
            ("Failed", "Failed", "ClientError: no data, exit code: 1"),
        ),
        (
            {"exit_code": 137, "tail": ["[0]#011train-auc:1", "Killed "]},
            False,
            ("Failed", "Failed", "AlgorithmError: The training program was ended by SIGKILL, exit code: 137"),
        ),
        (
            {"exit_code": 1, "tail": ["Traceback (most recent call last):", "KeyError: 'label' "]},
            False,
            ("Failed", "Failed", "AlgorithmError: KeyError: 'label', exit code: 1"),
        ),
    ],
)
def test_an_exit_record_becomes_sagemakers_status(
    changes: dict[str, Any], stopping: bool, status: tuple[str, str, str]
) -> None:
    assert outcome(record(**changes), stopping) == status


def test_a_long_failure_keeps_its_exit_code() -> None:
    reason = failure_reason(record(exit_code=2, failure="y" * 5000))
    assert len(reason) == 1024
    assert reason.endswith("y, exit code: 2")
