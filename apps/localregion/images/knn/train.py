"""Trains SageMaker's built-in k-nearest neighbours: draws a sample, reduces it if asked, and keeps it as the index.

The index types of faiss differ in speed and recall; here neighbours are always found exactly.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from apps.localregion.images.algorithm import Job, main
from apps.localregion.images.failures import UserError
from apps.localregion.images.knn.search import neighbours, predict, projection

SEED = 0

Array = np.ndarray[Any, Any]


def train(job: Job) -> None:
    """Build and save the index, and score the test channel with it; raises UserError."""
    started, options = time.time(), job.options
    check(options)
    table = job.train_table(labelled=True)
    random = np.random.default_rng(SEED)
    size = min(options["sample_size"], len(table))
    if options["k"] > size:
        raise UserError(f"k={options['k']} is larger than the number of sampled training records {size}.")
    drawn = np.sort(random.choice(len(table), size, replace=False))
    rows, labels = table.features[drawn], table.labels[drawn, 0]
    matrix = _projection(options, random)
    if matrix is not None:
        rows = rows @ matrix
    job.report.say(f"Sampled {size} of {len(table)} training records into an index of {rows.shape[1]} dimensions")
    if options["index_type"] != "faiss.Flat":
        job.report.warn(f"index_type {options['index_type']}: this region finds the neighbours exactly")
    facts = {name: options[name] for name in ("k", "predictor_type", "index_metric")}
    reduced = {} if matrix is None else {"projection": matrix}
    job.save(features=rows, labels=labels, **reduced, **facts)
    job.report.progress(1, 1)
    job.report.throughput("train", len(table), time.time() - started)
    _score(job, rows, labels, matrix)


def check(options: dict[str, Any]) -> None:
    """Raise UserError for hyperparameters that do not go together."""
    kind, target = options["dimension_reduction_type"], options["dimension_reduction_target"]
    if (kind is None) != (target is None):
        raise UserError("dimension_reduction_type and dimension_reduction_target must be set together.")
    if target is not None and target >= options["feature_dim"]:
        raise UserError(
            f"dimension_reduction_target={target} must be smaller than feature_dim={options['feature_dim']}."
        )
    if options["index_type"] == "faiss.IVFPQ":
        if options["index_metric"] != "L2":
            raise UserError(f"index_metric {options['index_metric']} is not supported with index_type faiss.IVFPQ.")
        if options["faiss_index_pq_m"] is None:
            raise UserError("faiss_index_pq_m must be set when index_type is faiss.IVFPQ.")


def _projection(options: dict[str, Any], random: np.random.Generator) -> Array | None:
    kind = options["dimension_reduction_type"]
    if kind is None:
        return None
    matrix = projection(kind, options["feature_dim"], options["dimension_reduction_target"], random)
    return matrix.astype(np.float32)


def _score(job: Job, rows: Array, labels: Array, matrix: Array | None) -> None:
    """Report how well the index predicts the test channel, if there is one."""
    test = job.read("test", labelled=True)
    if test is None:
        job.report.say("Test data is not provided.")
        return
    started, options = time.time(), job.options
    wanted = test.features if matrix is None else test.features @ matrix
    size = options["mini_batch_size"]
    found = np.concatenate(
        [
            neighbours(rows, wanted[start : start + size], options["k"], options["index_metric"])
            for start in range(0, len(wanted), size)
        ]
    )
    predicted, truth = predict(labels, found, options["predictor_type"]), test.labels[:, 0]
    job.report.throughput("test", len(test), time.time() - started)
    if options["predictor_type"] == "classifier":
        job.report.result("test", "accuracy", float((predicted == truth).mean()))
    else:
        job.report.result("test", "mse", float(np.square(predicted - truth).mean()), "loss")


if __name__ == "__main__":
    sys.exit(main("AWS/KNN", Path(__file__).parent, ("train", "test"), train))
