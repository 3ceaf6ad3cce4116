"""The linear learner's metrics of a final model, by its predictor_type: name -> (value, "loss" or "score")."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import expit, log_softmax
from sklearn import metrics

Array = np.ndarray[Any, Any]
Values = dict[str, tuple[float, str]]


def binary(scores: Array, labels: Array, threshold: float, options: dict[str, Any]) -> Values:
    """Of a binary_classifier that predicts 1 for scores of `threshold` or more."""
    beta = options["f_beta"]
    margin, predicted = scores[:, 0], scores[:, 0] >= threshold
    precision, recall, f, _ = metrics.precision_recall_fscore_support(
        labels, predicted, beta=beta, average="binary", zero_division=0
    )
    values: Values = {
        "binary_classification_accuracy": (float((predicted == labels).mean()), "score"),
        f"binary_f_{beta:.3f}": (float(f), "score"),
        "precision": (float(precision), "score"),
        "recall": (float(recall), "score"),
    }
    if 0 < labels.sum() < len(labels):
        values["roc_auc_score"] = (float(metrics.roc_auc_score(labels, margin)), "score")
        values["binary_balanced_accuracy"] = (float(metrics.balanced_accuracy_score(labels, predicted)), "score")
        values["binary_log_loss"] = (float(metrics.log_loss(labels, expit(margin))), "loss")
    return values


def multiclass(scores: Array, labels: Array, options: dict[str, Any]) -> Values:
    """Of a multiclass_classifier."""
    beta, top = options["f_beta"], options["accuracy_top_k"]
    truth = labels.astype(int)
    own = scores[np.arange(len(truth)), truth]
    ranks = (scores > own[:, None]).sum(axis=1)  # 0: the true class has the highest score
    precision, recall, f, _ = metrics.precision_recall_fscore_support(
        truth, scores.argmax(axis=1), beta=beta, average="macro", zero_division=0
    )
    return {
        "multiclass_accuracy": (float((ranks == 0).mean()), "score"),
        f"multiclass_top_k_accuracy_{top}": (float((ranks < top).mean()), "score"),
        "dcg": (float((1 / np.log2(2 + ranks)).mean()), "score"),
        "macro_recall": (float(recall), "score"),
        "macro_precision": (float(precision), "score"),
        f"macro_f_{beta:.3f}": (float(f), "score"),
        "multiclass_balanced_accuracy": (
            float(metrics.recall_score(truth, scores.argmax(axis=1), labels=np.unique(truth), average="macro")),
            "score",
        ),
        "multiclass_log_loss": (float(-log_softmax(scores, axis=1)[np.arange(len(truth)), truth].mean()), "loss"),
    }


def regression(scores: Array, labels: Array) -> Values:
    """Of a regressor."""
    error = scores[:, 0] - labels
    mse = float(np.square(error).mean())
    values: Values = {"mse": (mse, "loss"), "absolute_loss": (float(np.abs(error).mean()), "loss")}
    values["rmse"] = (mse**0.5, "loss")
    if labels.std() > 0:
        values["r2"] = (1 - mse / float(labels.var()), "score")
    return values
