"""Hyperparameters are read and refused as SageMaker's algorithm toolkit does."""

from typing import Any

import pytest

from apps.localregion.images.failures import UserError
from apps.localregion.images.hyperparameters import Rules
from apps.localregion.images.intervals import Interval
from apps.localregion.images.xgboost import checks
from apps.localregion.images.xgboost.train import RULES, metric_names


def check(**given: str) -> dict[str, Any]:
    """XGBoost's values of these and a num_round."""
    values = Rules(RULES).check({"num_round": "10", **given})
    checks.check(values, metric_names())
    return values


@pytest.mark.parametrize(
    ("text", "inside", "outside", "shown"),
    [
        ("[0,1]", [0, 0.5, 1], [-0.1, 1.1], "[0, 1]"),
        ("(0,1)", [0.5], [0, 1], "(0, 1)"),
        ("[1,]", [1, 10**9], [0], "[1, +inf)"),
        ("(,3]", [-(10**9), 3], [4], "(-inf, 3]"),
    ],
)
def test_an_interval_knows_its_ends(text: str, inside: list[float], outside: list[float], shown: str) -> None:
    interval = Interval.parse(text)
    assert all(value in interval for value in inside)
    assert not any(value in interval for value in outside)
    assert str(interval) == shown


def test_not_a_number_is_in_no_interval() -> None:
    with pytest.raises(UserError, match="Hyperparameter eta: nan is not in"):
        check(eta="nan")


def test_values_have_their_types_and_aliases_their_proper_names() -> None:
    assert check(learning_rate="0.3", max_depth="4", eval_metric="logloss,rmse", monotone_constraints="(1,-1,0)",
                 tree_method="hist", interaction_constraints="[[1,2],[3]]") == {
        "num_round": 10, "eta": 0.3, "max_depth": 4, "eval_metric": ["logloss", "rmse"],
        "monotone_constraints": (1, -1, 0), "tree_method": "hist", "interaction_constraints": [[1, 2], [3]],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"monotone_constraints": "__import__('os')"}, "Hyperparameter monotone_constraints: could not parse value"),
        ({"monotone_constraints": "(2,)"}, "Hyperparameter monotone_constraints: value (2,) not in range [-1, 0, 1]"),
        ({"monotone_constraints": "(1,)"}, "monotone_constraints can be used only when the tree_method"),
        ({"interaction_constraints": "[[0]]"}, "value [[0]] not in range [1, +inf)"),
        ({"updater": "grow_colmaker,distcol"}, "Only one tree grow plugin can be selected."),
        ({"updater": "prune", "booster": "gblinear"}, "Linear updater should be one of these options"),
        ({"updater": "sync", "process_type": "update"}, "process_type 'update' can only be used with"),
        ({"eval_metric": "made_up"}, "Hyperparameter eval_metric: value ['made_up'] not in range"),
        ({"eval_metric": "auc@0.5"}, "Metric 'auc@0.5' is not supported."),
        ({"eval_metric": "error@half"}, "Threshold value 't' in 'error@t' expects float input."),
        ({"eval_metric": "aft-nloglik"}, "can only be applied for 'survival:aft' objective."),
        ({"num_class": "3"}, "Do not need to setup parameter 'num_class'"),
        ({"_tuning_objective_metric": "train:auc"}, "Hyperparameter _tuning_objective_metric: train:auc is not in"),
        ({"seed": "-2147483648"}, "Hyperparameter seed: -2147483648 is not in (-2147483648, 2147483647)"),
    ],
)
def test_each_rule_refuses_in_the_toolkits_words(given: dict[str, str], message: str) -> None:
    with pytest.raises(UserError) as caught:
        check(**given)
    assert message in str(caught.value)


def test_a_metric_with_a_threshold_is_accepted() -> None:
    assert check(eval_metric="error@0.7")["eval_metric"] == ["error@0.7"]
