"""Normalization of features and labels, and its undoing in a model's weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Scaling:
    """What is subtracted from features and labels, and then divided by."""

    shift: Array
    scale: Array
    label_shift: float = 0.0
    label_scale: float = 1.0

    def features(self, rows: Array) -> Array:
        """Normalized features."""
        return np.asarray((rows - self.shift) / self.scale)

    def labels(self, labels: Array) -> Array:
        """Normalized labels."""
        return np.asarray((labels - self.label_shift) / self.label_scale)

    def undo(self, weights: Array, bias: Array) -> tuple[Array, Array]:
        """Weights and bias for features and labels as they came."""
        raw = weights / self.scale[:, None] * self.label_scale
        return raw, bias * self.label_scale + self.label_shift - self.shift @ raw


def fit(features: Array, labels: Array, options: dict[str, Any]) -> Scaling:
    """The scaling that the options ask for, from the first num_point_for_scaler rows."""
    points = options["num_point_for_scaler"]
    rows, numbers = features[:points].astype(np.float64), labels[:points].astype(np.float64)
    normal, bias = options["normalize_data"] is not False, options["use_bias"]
    unbias = bias if options["unbias_data"] is None else options["unbias_data"]
    # Without a bias term a shift could not be undone.
    shift = rows.mean(axis=0) if (normal or unbias) and bias else np.zeros(rows.shape[1])
    scale = rows.std(axis=0) if normal else np.ones(rows.shape[1])
    scale[scale == 0] = 1.0
    if options["predictor_type"] != "regressor":
        return Scaling(shift, scale)
    unbias_label = bias if options["unbias_label"] is None else options["unbias_label"] and bias
    label_scale = (numbers.std() or 1.0) if options["normalize_label"] is not False else 1.0
    return Scaling(shift, scale, float(numbers.mean()) if unbias_label else 0.0, float(label_scale))
