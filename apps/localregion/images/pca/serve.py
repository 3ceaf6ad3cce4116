"""Serves SageMaker's built-in PCA: rows projected onto the components, the largest last, as the model has them."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from apps.localregion.images.inference import Array, Predict, Row, main


def load(arrays: dict[str, Array]) -> tuple[int, Predict]:
    """The number of features and the projection."""
    vectors, mean = arrays["v"], arrays.get("mean", 0.0)

    def predict(rows: Array, verbose: bool) -> Sequence[Row]:
        projected = (rows - mean) @ vectors
        return [{"projection": row} for row in projected.tolist()]

    return len(vectors), predict


if __name__ == "__main__":
    sys.exit(main(load, "projections"))
