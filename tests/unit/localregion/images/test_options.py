"""The hyperparameters of SageMaker's own algorithms and the sentences that refuse them."""

from pathlib import Path

import pytest

from apps.localregion.images import kmeans, linear_learner, options
from apps.localregion.images.failures import UserError


def table(package: object) -> Path:
    """The table of an image's hyperparameters."""
    return Path(str(package.__file__)).with_name("hyperparameters.toml")  # type: ignore[attr-defined]  # a package has one


KMEANS, LINEAR = table(kmeans), table(linear_learner)


def test_defaults_complete_what_is_given_and_auto_is_left_to_the_algorithm() -> None:
    values, texts = options.read(KMEANS, {"k": "3", "feature_dim": "2", "local_lloyd_tol": "1e-3"})
    assert (values["k"], values["epochs"], values["local_lloyd_tol"]) == (3, 1, 0.001)
    assert values["extra_center_factor"] is None
    assert values["eval_metrics"] == ["msd"]
    assert texts["extra_center_factor"] == "auto"


def test_words_beside_numbers_and_booleans_of_any_case_are_read() -> None:
    given = {"predictor_type": "regressor", "positive_example_weight_mult": "balanced", "use_bias": "False"}
    values, _ = options.read(LINEAR, given)
    assert values["positive_example_weight_mult"] == "balanced"
    assert values["use_bias"] is False
    assert values["num_classes"] is None


def test_what_tuning_jobs_and_sdks_add_is_accepted() -> None:
    given = {"predictor_type": "regressor", "_tuning_objective_metric": "test:mse", "force_dense": "True"}
    values, texts = options.read(LINEAR, given)
    assert "_tuning_objective_metric" not in values
    assert texts["_tuning_objective_metric"] == "test:mse"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (
            {},
            "No value(s) were specified for 'k', 'feature_dim' which are required hyperparameter(s) (caused by "
            "ValidationError)\n\nCaused by: 'k' is a required property",
        ),
        (
            {"k": "0"},
            "The value '0' is not valid for the 'k' hyperparameter which expects one of the following: an integer in "
            "[1, +inf) (caused by ValidationError)",
        ),
        (
            {"k": "nan", "local_lloyd_tol": "2"},
            "The value 'nan' is not valid for the 'k' hyperparameter which expects one of the following: an integer in "
            "[1, +inf) (caused by ValidationError)",
        ),
        (
            {"extra_center_factor": "much"},
            "The value 'much' is not valid for the 'extra_center_factor' hyperparameter which expects one of the "
            "following: an integer in [1, +inf); or 'auto' (caused by ValidationError)",
        ),
        (
            {"init_method": "best"},
            "The value 'best' is not valid for the 'init_method' hyperparameter which accepts one of the following: "
            "'random', 'kmeans++' (caused by ValidationError)",
        ),
        (
            {"clusters": "3"},
            "Additional hyperparameters are not allowed ('clusters' was unexpected) (caused by ValidationError)\n\n"
            "Caused by: Additional properties are not allowed ('clusters' was unexpected)",
        ),
        (
            {"eval_metrics": "msd"},
            "Hyperparameter must be valid json, but found eval_metrics: (caused by ValueError)",
        ),
        (
            {"eval_metrics": '["mse"]'},
            "The value 'mse' is not valid for the 'eval_metrics' hyperparameter which accepts one of the following: "
            "'msd', 'ssd' (caused by ValidationError)",
        ),
    ],
)
def test_wrong_hyperparameters_are_refused_in_the_algorithms_own_words(given: dict[str, str], reason: str) -> None:
    required = {"k": "2", "feature_dim": "2"} if given else {}
    with pytest.raises(UserError) as refused:
        options.read(KMEANS, {**required, **given})
    assert str(refused.value) == reason


def test_a_boolean_that_is_neither_true_nor_false_is_refused() -> None:
    with pytest.raises(UserError, match="accepts one of the following: 'true', 'false', 'auto'"):
        options.read(LINEAR, {"predictor_type": "regressor", "normalize_data": "yes"})
