"""What the algorithm tables say."""

import re

import pytest

from apps.training.catalogue import ALGORITHMS, algorithm_of_repository, higher_is_better

XGBOOST = ALGORITHMS["xgboost"]


@pytest.mark.parametrize(
    ("hyperparameters", "has_validation", "metric"),
    [
        ({"eval_metric": "auc"}, True, "validation:auc"),
        ({"eval_metric": "logloss,auc"}, True, "validation:auc"),
        ({"objective": "binary:logistic"}, True, "validation:logloss"),
        ({"objective": "multi:softprob"}, False, "train:mlogloss"),
        ({}, True, "validation:rmse"),
    ],
)
def test_a_job_is_judged_by_its_last_metric(hyperparameters: dict[str, str], has_validation: bool, metric: str) -> None:
    assert (
        XGBOOST.objective_metric(hyperparameters, ("train", "validation") if has_validation else ("train",)) == metric
    )


def test_every_metric_definition_is_a_pattern_with_one_group() -> None:
    assert all(re.compile(pattern).groups == 1 for pattern in XGBOOST.metric_definitions().values())


def test_every_objective_of_the_table_has_a_default_metric() -> None:
    assert set(XGBOOST.hyperparameters["objective"].choices) == set(XGBOOST.default_metric)


@pytest.mark.parametrize(
    ("metric", "higher"),
    [
        ("validation:auc", True),
        ("train:rmse", False),
        ("val_acc", True),
        ("loss", False),
        ("brier_score", False),
        ("mapping_time", False),
    ],
)
def test_which_way_a_metric_is_better(metric: str, higher: bool) -> None:
    assert higher_is_better(metric) is higher


def test_an_image_tells_its_algorithm() -> None:
    assert algorithm_of_repository("sagemaker-xgboost") == "xgboost"
    assert algorithm_of_repository("my-own") == "my-own"
