"""What usually helps."""

import pytest

from apps.training.advice import CAUSES, READ_THE_LOG, WITHOUT_A_LOG, advice_for


@pytest.mark.parametrize(("reason", "advice"), [(reason, cause.help) for cause in CAUSES for reason in cause.examples])
def test_a_known_failure_has_its_advice(reason: str, advice: str) -> None:
    assert advice_for(reason) == advice


def test_a_hyperparameter_that_cannot_be_read_is_not_taken_for_a_broken_file() -> None:
    failed = "ClientError: Failed to load csv data with exception:\ncould not convert string 'label' to float32"
    assert "label first, numbers only" in advice_for(failed)
    assert "Correct the hyperparameter" in advice_for("ClientError: Hyperparameter eta: could not parse value")


def test_the_log_is_asked_where_the_reason_says_nothing() -> None:
    lines = ["Traceback (most recent call last):", "ModuleNotFoundError: No module named 'polars'"]
    assert "requirements.txt" in advice_for("AlgorithmError: ExecuteUserScriptError, exit code: 1", lines)


def test_the_names_of_files_say_nothing_about_the_cause() -> None:
    assert advice_for("Unexpected end at s3://label-memory/404/train.csv", ["one line"]) == READ_THE_LOG


def test_an_unknown_failure_points_to_the_log_only_where_there_is_one() -> None:
    assert advice_for("something new", ["one line"]) == READ_THE_LOG
    assert advice_for("ValidationException: something new") == WITHOUT_A_LOG
    assert advice_for("ClientError: no room left on the table") == WITHOUT_A_LOG
    assert "log below" not in WITHOUT_A_LOG
