"""What usually helps."""

import pytest

from apps.training.advice import GENERAL, advice_for


@pytest.mark.parametrize(
    ("reason", "advice"),
    [
        ('No S3 objects found under S3 URL "s3://bucket/train.csv"', "S3 URIs of the channels"),
        ("ClientError: Unable to determine delimiter of csv data", "label first, numbers only"),
        ("AlgorithmError: CUDA error: out of memory, exit code: 137", "larger instance type"),
        ("ClientError: label must be in [0,1] for logistic regression", "the first column"),
        ("AccessDenied: not authorized to perform s3:GetObject", "execution role"),
        ("CapacityError: Unable to provision requested ML compute capacity", "another instance type"),
    ],
)
def test_a_known_failure_has_its_advice(reason: str, advice: str) -> None:
    assert advice in advice_for(reason)


def test_an_unknown_failure_points_to_the_log() -> None:
    assert advice_for("something new") == GENERAL
