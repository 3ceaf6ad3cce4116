"""The linear learner's loss functions: each row's loss, and its slope by the row's scores.

Scores are rows x outputs (outputs is 1 but for softmax); labels a vector: 0 or 1, a class's number, or a number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import expit, log_softmax, softmax

Array = np.ndarray[Any, Any]

# The losses of each predictor_type, its default first, and what the log calls the loss.
LOSSES: dict[str, dict[str, str]] = {
    "binary_classifier": {"logistic": "binary_classification_cross_entropy", "hinge_loss": "hinge_loss"},
    "multiclass_classifier": {"softmax_loss": "multiclass_cross_entropy"},
    "regressor": {
        "squared_loss": "mse",
        "absolute_loss": "absolute_loss",
        "eps_insensitive_squared_loss": "eps_insensitive_squared_loss",
        "eps_insensitive_absolute_loss": "eps_insensitive_absolute_loss",
        "quantile_loss": "quantile_loss",
        "huber_loss": "huber_loss",
    },
}


@dataclass(frozen=True)
class Loss:
    """A loss: `value` gives one number a row, `slope` one a row and output."""

    value: Callable[[Array, Array], Array]
    slope: Callable[[Array, Array], Array]


def make(name: str, options: dict[str, Any], scale: float = 1.0) -> Loss:
    """The loss of this name for labels that were divided by `scale`."""
    if name == "logistic":
        return Loss(
            lambda s, y: np.logaddexp(0, s[:, 0]) - y * s[:, 0],
            lambda s, y: expit(s) - y[:, None],
        )
    if name == "softmax_loss":
        return Loss(lambda s, y: -log_softmax(s, axis=1)[np.arange(len(y)), y.astype(int)], _softmax_slope)
    if name == "hinge_loss":
        return _hinge(options["margin"])
    return _of_error(*_ERRORS[name](options, scale))


def _softmax_slope(scores: Array, labels: Array) -> Array:
    slope = np.asarray(softmax(scores, axis=1))
    slope[np.arange(len(labels)), labels.astype(int)] -= 1
    return slope


def _hinge(margin: float) -> Loss:
    def short(scores: Array, labels: Array) -> Array:
        return margin - (2 * labels - 1) * scores[:, 0]

    return Loss(
        lambda s, y: np.maximum(0, short(s, y)),
        lambda s, y: (-(2 * y - 1) * (short(s, y) > 0))[:, None],
    )


def _of_error(value: Callable[[Array], Array], slope: Callable[[Array], Array]) -> Loss:
    """A loss of a regression's error, score - label."""
    return Loss(lambda s, y: value(s[:, 0] - y), lambda s, y: slope(s[:, 0] - y)[:, None])


Pair = tuple[Callable[[Array], Array], Callable[[Array], Array]]


def _beyond(error: Array, distance: float) -> Array:
    return np.maximum(0, np.abs(error) - distance)


def _insensitive_squared(options: dict[str, Any], scale: float) -> Pair:
    e = options["loss_insensitivity"] / scale
    return lambda r: np.square(_beyond(r, e)), lambda r: 2 * _beyond(r, e) * np.sign(r)


def _insensitive_absolute(options: dict[str, Any], scale: float) -> Pair:
    e = options["loss_insensitivity"] / scale
    return lambda r: _beyond(r, e), lambda r: np.sign(r) * (np.abs(r) > e)


def _quantile(options: dict[str, Any], _: float) -> Pair:
    q = options["quantile"]
    return lambda r: np.maximum(-q * r, (1 - q) * r), lambda r: np.where(r < 0, -q, 1 - q)


def _huber(options: dict[str, Any], scale: float) -> Pair:
    d = options["huber_delta"] / scale
    return lambda r: np.where(np.abs(r) <= d, r * r / 2, d * (np.abs(r) - d / 2)), lambda r: np.clip(r, -d, d)


_ERRORS: dict[str, Callable[[dict[str, Any], float], Pair]] = {
    "squared_loss": lambda *_: (np.square, lambda r: 2 * r),
    "absolute_loss": lambda *_: (np.abs, np.sign),
    "eps_insensitive_squared_loss": _insensitive_squared,
    "eps_insensitive_absolute_loss": _insensitive_absolute,
    "quantile_loss": _quantile,
    "huber_loss": _huber,
}
