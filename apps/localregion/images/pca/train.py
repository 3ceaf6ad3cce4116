"""Computes SageMaker's built-in PCA: from the covariance matrix (regular) or by a sketch (randomized)."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from scipy.linalg import eigh
from sklearn.utils.extmath import randomized_svd

from apps.localregion.images.algorithm import Job, main
from apps.localregion.images.failures import UserError

FEWEST_EXTRA = 10  # extra_components = -1 means the maximum of this and num_components
SEED = 0

Array = np.ndarray[Any, Any]


def train(job: Job) -> None:
    """Find the components of the train channel and save them; raises UserError."""
    started, options = time.time(), job.options
    count, columns = options["num_components"], options["feature_dim"]
    if count > columns:
        raise UserError(f"num_components={count} must not be larger than feature_dim={columns}.")
    rows = job.train_table(labelled=False).features.astype(np.float64)
    mean = rows.mean(axis=0, keepdims=True)
    centered = rows - mean if options["subtract_mean"] else rows
    if options["algorithm_mode"] == "regular":
        values, vectors = regular(centered, count)
    else:
        values, vectors = randomized(centered, count, options["extra_components"])
    job.report.progress(1, 1)
    job.report.metrics({"epochs": 1, "update.time": 1000 * (time.time() - started)}, started)
    job.report.throughput("train", len(rows), time.time() - started)
    arrays = {"s": values.astype(np.float32), "v": vectors.astype(np.float32)}
    if options["subtract_mean"]:
        arrays["mean"] = mean.astype(np.float32)
    job.save(**arrays)
    if job.read("test", labelled=False) is not None:
        job.report.warn("PCA has no test metric: the test channel is read and not used.")


def regular(rows: Array, count: int) -> tuple[Array, Array]:
    """The `count` largest singular values and right singular vectors, in rising order."""
    columns = rows.shape[1]
    values, vectors = eigh(rows.T @ rows, subset_by_index=(columns - count, columns - 1))
    return np.sqrt(np.maximum(values, 0)), vectors


def randomized(rows: Array, count: int, extra: int) -> tuple[Array, Array]:
    """The same, approximately, by random projection onto `extra` more dimensions."""
    more = max(FEWEST_EXTRA, count) if extra < 0 else extra
    _, values, vectors = randomized_svd(rows, count, n_oversamples=more, random_state=SEED)
    found = len(values)  # a table with fewer rows than components has no more
    if found < count:
        raise UserError(f"num_components={count} must not be larger than the number of training records {len(rows)}.")
    return values[::-1], vectors[::-1].T


if __name__ == "__main__":
    sys.exit(main("PCA", Path(__file__).parent, ("train", "test"), train))
