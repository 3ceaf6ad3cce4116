"""The linear learner's losses, optimizers and thresholds, on data small enough to check."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from apps.localregion.images import options
from apps.localregion.images.linear_learner import losses, scaling, selection
from apps.localregion.images.linear_learner.losses import LOSSES
from apps.localregion.images.linear_learner.model import Model, Plan, plans
from apps.localregion.images.linear_learner.train import __file__ as program

RULES = Path(program).with_name("hyperparameters.toml")


def read(predictor_type: str = "regressor", **given: object) -> dict[str, Any]:
    """The options of a job."""
    texts = {name: str(value) for name, value in given.items()}
    return options.read(RULES, {"predictor_type": predictor_type, **texts})[0]


@pytest.mark.parametrize("name", [name for kind in LOSSES.values() for name in kind])
def test_each_slope_is_the_derivative_of_its_loss(name: str) -> None:
    loss = losses.make(name, read(quantile=0.3, huber_delta=0.7, loss_insensitivity=0.2))
    random = np.random.default_rng(0)
    scores = random.normal(size=(40, 3 if name == "softmax_loss" else 1))
    labels = random.integers(0, 2, 40).astype(float)
    step = 1e-6
    for column in range(scores.shape[1]):
        aside = np.zeros_like(scores)
        aside[:, column] = step
        numeric = (loss.value(scores + aside, labels) - loss.value(scores - aside, labels)) / (2 * step)
        np.testing.assert_allclose(loss.slope(scores, labels)[:, column], numeric, atol=1e-4)


@pytest.mark.parametrize("optimizer", ["adam", "sgd", "rmsprop"])
def test_each_optimizer_finds_a_line(optimizer: str) -> None:
    chosen = read(optimizer=optimizer, learning_rate=0.05, mini_batch_size=20)
    rows = np.linspace(-1, 1, 100)[:, None]
    labels = 3 * rows[:, 0] + 1
    model = Model(1, 1, chosen, Plan(0.05, 0.0, 1.0), losses.make("squared_loss", chosen))
    for _ in range(60):
        model.train(rows, labels, np.ones(100), np.random.default_rng(0).permutation(100))
    assert model.weights[0, 0] == pytest.approx(3, abs=0.1)
    assert model.bias[0] == pytest.approx(1, abs=0.1)


def test_l1_leaves_out_what_does_not_matter_and_no_bias_stays_none() -> None:
    chosen = read(l1=0.2, use_bias="false", mini_batch_size=50)
    random = np.random.default_rng(0)
    rows = random.normal(size=(200, 3))
    model = Model(3, 1, chosen, Plan(0.05, 0.0, 1.0), losses.make("squared_loss", chosen))
    for _ in range(100):
        model.train(rows, 2 * rows[:, 0], np.ones(200), random.permutation(200))
    assert model.weights[0, 0] > 1
    np.testing.assert_allclose(model.weights[1:, 0], 0, atol=0.02)
    assert model.bias[0] == 0


def test_scaling_is_undone_in_the_weights() -> None:
    random = np.random.default_rng(0)
    rows, labels = random.normal(5, 3, (50, 2)), random.normal(100, 20, 50)
    found = scaling.fit(rows, labels, read())
    weights, bias = random.normal(size=(2, 1)), np.array([0.3])
    scaled = (found.features(rows) @ weights + bias) * found.label_scale + found.label_shift
    raw, shift = found.undo(weights, bias)
    np.testing.assert_allclose(rows @ raw + shift, scaled)
    np.testing.assert_allclose(found.labels(labels).std(), 1)


@pytest.mark.parametrize(
    ("criterion", "predicted"),
    [
        ("accuracy", [0, 0, 1, 1, 1]),
        ("f_beta", [0, 0, 1, 1, 1]),
        ("precision_at_target_recall", [0, 0, 1, 1, 1]),
        ("recall_at_target_precision", [0, 0, 1, 1, 1]),
    ],
)
def test_the_threshold_separates_what_can_be_separated(criterion: str, predicted: list[int]) -> None:
    scores, labels = np.array([-3.0, -1, 1, 2, 3]), np.array([0.0, 0, 1, 1, 1])
    chosen = read("binary_classifier", binary_classifier_model_selection_criteria=criterion)
    threshold, value = selection.best_threshold(scores, labels, chosen)
    assert [*(scores >= threshold).astype(int)] == predicted
    assert value == 1


def test_a_target_recall_is_held_while_precision_is_raised() -> None:
    scores, labels = np.arange(6.0), np.array([1.0, 0, 0, 1, 0, 1])
    chosen = read(
        "binary_classifier",
        binary_classifier_model_selection_criteria="precision_at_target_recall",
        target_recall=0.6,
    )
    threshold, value = selection.best_threshold(scores, labels, chosen)
    assert threshold == 2.5
    assert value == pytest.approx(2 / 3)


def test_models_beside_the_first_have_other_rates_and_decays_unless_a_tuning_job_tries() -> None:
    assert len(plans(read(), tuning=False)) == 4
    assert plans(read(learning_rate=0.3, wd=0.01, num_models=3), tuning=False)[0] == Plan(0.3, 0.01, 1.0)
    assert len({plan.decay for plan in plans(read(learning_rate=0.3, num_models=3), tuning=False)}) == 3
    assert len(plans(read(num_models=5), tuning=True)) == 1
