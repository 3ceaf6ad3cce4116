"""Chooses the threshold of a binary classifier, and says how good a model is by the criterion that was asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.metrics import roc_curve

Array = np.ndarray[Any, Any]

BY_LOSS = ("loss_function", "cross_entropy_loss")


def best_threshold(scores: Array, labels: Array, options: dict[str, Any]) -> tuple[float, float]:
    """The threshold (predict 1 for scores of it or more) that is best by the criterion, and the criterion's value.

    `options` has binary_classifier_model_selection_criteria, none of BY_LOSS; more is better.
    """
    positives = labels.sum()
    negatives = len(labels) - positives
    if not positives or not negatives:
        return 0.0, float(((scores >= 0) == labels).mean())
    false_rate, true_rate, thresholds = roc_curve(labels, scores, drop_intermediate=False)
    true, false = true_rate * positives, false_rate * negatives
    values = _values(true, false, positives, negatives, options)
    best = int(values.argmax())
    return _between(thresholds, best), float(values[best])


def _values(true: Array, false: Array, positives: float, negatives: float, options: dict[str, Any]) -> Array:
    """The criterion at each threshold, from the counts of true and false positives."""
    precision = true / np.maximum(true + false, 1)
    recall = true / positives
    match options["binary_classifier_model_selection_criteria"]:
        case "f1":
            return _f(precision, recall, 1.0)
        case "f_beta":
            return _f(precision, recall, options["f_beta"])
        case "precision_at_target_recall":
            return np.where(recall >= options["target_recall"], precision, -1.0)
        case "recall_at_target_precision":
            return np.where(precision >= options["target_precision"], recall, -1.0)
    return np.asarray((true + negatives - false) / (positives + negatives))


def _f(precision: Array, recall: Array, beta: float) -> Array:
    square = beta * beta
    return np.asarray((1 + square) * precision * recall / np.maximum(square * precision + recall, 1e-12))


def _between(thresholds: Array, best: int) -> float:
    """Midway to the next lower score, so that scores between the two are not left to chance."""
    if not np.isfinite(thresholds[best]):
        return float(thresholds[best + 1]) + 1.0
    if best + 1 == len(thresholds):
        return float(thresholds[best])
    return float(thresholds[best] + thresholds[best + 1]) / 2
