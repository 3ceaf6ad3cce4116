"""Serves SageMaker's built-in K-Means: the nearest centre, and how far it is."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import numpy as np

from apps.localregion.images.inference import CSV, Array, Predict, Row, main


def load(arrays: dict[str, Array]) -> tuple[int, Predict]:
    """The number of features and the prediction."""
    centers = arrays["centroids"].astype(np.float64)
    lengths = np.square(centers).sum(axis=1)

    def predict(rows: Array, verbose: bool) -> Sequence[Row]:
        nearest = (lengths - 2 * (rows @ centers.T)).argmin(axis=1)
        distances = np.sqrt(np.square(rows - centers[nearest]).sum(axis=1))
        return [
            {"closest_cluster": float(cluster), "distance_to_cluster": distance}
            for cluster, distance in zip(nearest.tolist(), distances.tolist(), strict=True)
        ]

    return centers.shape[1], predict


if __name__ == "__main__":
    sys.exit(main(load, accepted=(CSV,)))
