"""Serves SageMaker's built-in k-nearest neighbours; verbose answers have the neighbours' labels and distances."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import numpy as np

from apps.localregion.images.inference import Array, Predict, Row, main
from apps.localregion.images.knn.search import neighbours, predict


def load(arrays: dict[str, Array]) -> tuple[int, Predict]:
    """The number of features and the prediction."""
    index, labels, matrix = arrays["features"], arrays["labels"], arrays.get("projection")
    k, kind, metric = int(arrays["k"]), str(arrays["predictor_type"]), str(arrays["index_metric"])

    def predicted(rows: Array, verbose: bool) -> Sequence[Row]:
        wanted = rows if matrix is None else rows @ matrix
        found = neighbours(index, wanted, k, metric)
        answers: list[Row] = [{"predicted_label": float(label)} for label in predict(labels, found, kind)]
        if verbose:
            for answer, row, near in zip(answers, wanted, found, strict=True):
                answer["distances"] = _distances(row, index[near], metric).tolist()
                answer["labels"] = [float(label) for label in labels[near]]
        return answers

    return len(matrix) if matrix is not None else index.shape[1], predicted


def _distances(row: Array, others: Array, metric: str) -> Array:
    """As faiss measures them: squares of Euclidean distances, else products."""
    if metric == "L2":
        return np.asarray(np.square(others - row).sum(axis=1))
    products = others @ row
    if metric == "INNER_PRODUCT":
        return np.asarray(products)
    return np.asarray(products / (np.linalg.norm(others, axis=1) * np.linalg.norm(row)))


if __name__ == "__main__":
    sys.exit(main(load))
