"""The metrics that SageMaker's XGBoost adds to XGBoost's own, computed by scikit-learn.

Names and definitions: metrics/custom_metrics.py of github.com/aws/sagemaker-xgboost-container.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

Scores = list[tuple[str, float]]
Array = Any

# Our name -> scikit-learn's function and arguments; classes are compared for all but mse and r2.
CUSTOM: dict[str, tuple[str, dict[str, str]]] = {
    "accuracy": ("accuracy_score", {}),
    "balanced_accuracy": ("balanced_accuracy_score", {}),
    "f1": ("f1_score", {"average": "macro"}),
    "f1_binary": ("f1_score", {"average": "binary"}),
    "f1_macro": ("f1_score", {"average": "macro"}),
    "precision": ("precision_score", {"average": "binary"}),
    "precision_macro": ("precision_score", {"average": "macro"}),
    "precision_micro": ("precision_score", {"average": "micro"}),
    "recall": ("recall_score", {"average": "binary"}),
    "recall_macro": ("recall_score", {"average": "macro"}),
    "recall_micro": ("recall_score", {"average": "micro"}),
    "mse": ("mean_squared_error", {}),
    "r2": ("r2_score", {}),
}
NUMERIC = ("mse", "r2")


def custom_metric(names: list[str], objective: str) -> Callable[[Array, Any], Scores] | None:
    """XGBoost's `custom_metric` for those of `names` that XGBoost does not have itself; None for none."""
    wanted = [name for name in names if name in CUSTOM]
    if not wanted:
        return None
    import sklearn.metrics

    def evaluate(predictions: Array, matrix: Any) -> Scores:
        labels = matrix.get_label()
        classes = _classes(predictions, objective)
        scores = []
        for name in wanted:
            function, options = CUSTOM[name]
            compared = predictions if name in NUMERIC else classes
            scores.append((name, float(getattr(sklearn.metrics, function)(labels, compared, **options))))
        return scores

    return evaluate


def _classes(predictions: Array, objective: str) -> Array:
    """The predicted class: the likeliest, or the rounded probability."""
    if predictions.ndim > 1:
        return predictions.argmax(axis=1)
    if objective == "binary:logitraw":
        return (predictions > 0).astype(int)
    return np.rint(predictions)
