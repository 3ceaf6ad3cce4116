"""Serves SageMaker's built-in linear learner."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from apps.localregion.images.inference import Array, Predict, Row, main


def load(arrays: dict[str, Array]) -> tuple[int, Predict]:
    """The number of features and the prediction."""
    weights, bias = arrays["weights"], arrays["bias"]
    kind, loss = str(arrays["predictor_type"]), str(arrays["loss"])
    threshold = float(arrays["threshold"])

    def predict(rows: Array, verbose: bool) -> Sequence[Row]:
        scores = rows @ weights + bias
        if kind == "regressor":
            return [{"score": score} for score in scores[:, 0].tolist()]
        if kind == "multiclass_classifier":
            labels = scores.argmax(axis=1).tolist()
            told = softmax(scores) if loss.startswith("softmax") else scores
            return [_classified(*each) for each in zip(told.tolist(), labels, strict=True)]
        labels = (scores[:, 0] >= threshold).astype(int).tolist()
        told = 1 / (1 + np.exp(-scores[:, 0])) if loss == "logistic" else scores[:, 0]
        return [_classified(*each) for each in zip(told.tolist(), labels, strict=True)]

    return len(weights), predict


def softmax(scores: Array) -> Array:
    """The probabilities of the classes, by row."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _classified(score: Any, label: int) -> Row:
    return {"score": score, "predicted_label": label}


if __name__ == "__main__":
    sys.exit(main(load))
