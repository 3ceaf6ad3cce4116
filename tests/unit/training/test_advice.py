"""What usually helps."""

import pytest

from apps.training.advice import READ_THE_LOG, WITHOUT_A_LOG, advice_for

HYPERPARAMETER = "Correct the hyperparameter"
S3 = "S3 URIs of the channels"
FILE = "label first, numbers only"
LABEL = "the first column"
MEMORY = "larger instance type"


@pytest.mark.parametrize(
    ("reason", "advice"),
    [
        ('No S3 objects found under S3 URL "s3://bucket/train.csv"', S3),
        ("An error occurred (404) when calling the HeadObject operation: Not Found", S3),
        ("ClientError: Unable to determine delimiter of csv data", FILE),
        ("ClientError: Failed to load csv data with exception:\ncould not convert string 'label' to float32", FILE),
        ("AlgorithmError: could not convert string to float: 'label', exit code: 1", FILE),
        ("ClientError: Could not determine delimiter on line 404", FILE),
        ("ClientError: text/plain is not an accepted ContentType: csv, libsvm", FILE),
        ("AlgorithmError: CUDA error: out of memory, exit code: 137", MEMORY),
        ("AlgorithmError: The training program was ended by SIGKILL, exit code: 137", MEMORY),
        ("ClientError: no room left on the table", "There is no log"),
        ("ClientError: No space left on device: use a larger VolumeSizeInGB", "volume was full"),
        ("ClientError: label must be in [0,1] for logistic regression", LABEL),
        ("ClientError: Do not need to setup parameter 'num_class' for learning task", LABEL),
        ("ClientError: Hyperparameter num_round: could not parse value (caused by ValueError)", HYPERPARAMETER),
        ("ClientError: Missing required hyperparameter: num_round", HYPERPARAMETER),
        ("AccessDenied: not authorized to perform s3:GetObject", "execution role"),
        ("AccessDenied: s3://bucket/label/no-memory.csv", "execution role"),
        ("CapacityError: Unable to provision requested ML compute capacity", "another instance type"),
        ("ResourceLimitExceeded: The account-level service limit is 0 Instances", "another instance type"),
    ],
)
def test_a_known_failure_has_its_advice(reason: str, advice: str) -> None:
    assert advice in advice_for(reason, has_log=False)


def test_the_names_of_files_say_nothing_about_the_cause() -> None:
    assert advice_for("InternalServerError at s3://label-memory/404/train.csv", has_log=True) == READ_THE_LOG


def test_an_unknown_failure_points_to_the_log_only_where_there_is_one() -> None:
    assert advice_for("something new", has_log=True) == READ_THE_LOG
    assert advice_for("ValidationException: something new", has_log=False) == WITHOUT_A_LOG
    assert "log below" not in WITHOUT_A_LOG
