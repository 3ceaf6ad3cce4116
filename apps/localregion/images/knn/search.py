"""Finds the nearest rows and predicts from their labels."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.fft import dct
from sklearn.neighbors import NearestNeighbors

Array = np.ndarray[Any, Any]


def projection(kind: str, columns: int, target: int, random: np.random.Generator) -> Array:
    """A matrix that takes `columns` dimensions to `target` and keeps distances, nearly.

    "sign": random signs. "fjlt": the fast Johnson-Lindenstrauss transform, which flips signs at random, mixes by a
    cosine transform and draws dimensions.
    """
    if kind == "sign":
        return np.asarray(random.choice([-1.0, 1.0], (columns, target)) / np.sqrt(target))
    mixed = dct(np.diag(random.choice([-1.0, 1.0], columns)), axis=1, norm="ortho")
    drawn = random.choice(columns, target, replace=False)
    return np.asarray(mixed[:, drawn] * np.sqrt(columns / target))


def neighbours(rows: Array, wanted: Array, k: int, metric: str) -> Array:
    """The indices of the `k` nearest of `rows` for each of `wanted`, nearest first.

    By Euclidean distance (L2), inner product or cosine similarity, exactly.
    """
    if metric == "INNER_PRODUCT":
        products: Array = wanted @ rows.T
        return np.argsort(-products, axis=1, kind="stable")[:, :k]
    distance = "euclidean" if metric == "L2" else "cosine"
    found: Array = NearestNeighbors(n_neighbors=k, metric=distance).fit(rows).kneighbors(wanted, return_distance=False)
    return found


def predict(labels: Array, found: Array, kind: str) -> Array:
    """The commonest label of the neighbours (classifier; the smallest of equals), or their mean (regressor)."""
    near = labels[found]
    if kind == "regressor":
        return np.asarray(near.mean(axis=1))
    classes, coded = np.unique(labels, return_inverse=True)
    votes = np.zeros((len(found), len(classes)))
    np.add.at(votes, (np.arange(len(found))[:, None], coded[found]), 1)
    return np.asarray(classes[votes.argmax(axis=1)])
