"""Trains SageMaker's built-in K-Means in its two stages.

Many centres follow the data in mini-batches; then Lloyd's algorithm shrinks them to k.
Source: "How K-Means clustering works" in the SageMaker developer guide.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.cluster import KMeans, kmeans_plusplus
from sklearn.metrics import pairwise_distances_argmin_min

from apps.localregion.images.algorithm import Job, main
from apps.localregion.images.failures import UserError

AUTO_EXTRA_CENTERS = 10  # what the algorithm's log says it takes for "auto", and how often it tries
AUTO_TRIALS = 10
SEED = 0

Array = np.ndarray[Any, Any]


def train(job: Job) -> None:
    """Cluster the train channel, save the centres, report their distances; raises UserError."""
    rows = job.train_table(labelled=False).features
    test = job.read("test", labelled=False)
    k = job.options["k"]
    if k > len(rows):
        raise UserError(f"The number of clusters k={k} is larger than the number of training records {len(rows)}.")
    centers, weights = follow(job, rows)
    centers = shrink(job, centers, weights)
    _report(job, "train", rows, centers)
    job.save(centroids=centers.astype(np.float32))
    if test is None:
        job.report.say("Test data is not provided.")
    else:
        _report(job, "test", test.features, centers)


def follow(job: Job, rows: Array) -> tuple[Array, Array]:
    """The first stage: k * extra_center_factor centres and the weight that each has gathered."""
    options, random = job.options, np.random.default_rng(SEED)
    size, epochs = options["mini_batch_size"], options["epochs"]
    extra = options["extra_center_factor"]
    if extra is None:
        extra = AUTO_EXTRA_CENTERS
        job.report.say(f"'extra_center_factor' was set to 'auto', evaluated to {extra}.")
    centers = _first_centers(rows[:size], options["k"] * extra, options["k"], options["init_method"], random)
    weights = np.zeros(len(centers))
    for epoch in range(epochs):
        started = time.time()
        for start in range(0, len(rows), size):
            batch = rows[start : start + size]
            _move(centers, weights, batch, options["half_life_time_size"])
        job.report.progress(epoch + 1, epochs)
        job.report.metrics({"update.time": 1000 * (time.time() - started)}, started, epoch=epoch)
        job.report.throughput("train", len(rows), time.time() - started)
    return centers, weights


def shrink(job: Job, centers: Array, weights: Array) -> Array:
    """The second stage: the best of several runs of Lloyd's algorithm over the weighted centres."""
    options, k = job.options, job.options["k"]
    trials = options["local_lloyd_num_trials"] or AUTO_TRIALS
    job.report.say(f"shrinking {len(centers)} centers into {k}")
    method = {"kmeans++": "k-means++"}.get(options["local_lloyd_init_method"], "random")
    kept = weights > 0
    if kept.sum() < k:
        return centers[np.argsort(-weights)[:k]]
    best: KMeans | None = None
    for trial in range(trials):
        model = KMeans(
            k,
            init=method,
            n_init=1,
            max_iter=options["local_lloyd_max_iter"],
            tol=options["local_lloyd_tol"],
            random_state=SEED + trial,
        ).fit(centers[kept], sample_weight=weights[kept])
        distance = model.inertia_ / weights.sum()
        job.report.say(f"local kmeans attempt #{trial}. Current mean square distance {distance:.6f}")
        if best is None or model.inertia_ < best.inertia_:
            best = model
    job.report.say("finished shrinking process.")
    return np.asarray(best.cluster_centers_ if best else centers)


def _first_centers(rows: Array, wanted: int, at_least: int, method: str, random: np.random.Generator) -> Array:
    """Centres among the first batch, no more than it has rows, but k: then some are drawn twice."""
    count = min(wanted, len(rows))
    if method == "kmeans++":
        centers = kmeans_plusplus(rows, count, random_state=SEED)[0]
    else:
        centers = rows[random.choice(len(rows), count, replace=False)]
    if count < at_least:
        centers = np.concatenate([centers, rows[random.choice(len(rows), at_least - count)]])
    return np.array(centers, np.float64)


def _move(centers: Array, weights: Array, batch: Array, half_life: int) -> None:
    """Each centre becomes the weighted mean of itself and the batch's rows that are nearest to it."""
    nearest, _ = pairwise_distances_argmin_min(batch, centers)
    if half_life:
        weights *= 0.5 ** (len(batch) / half_life)
    counts = np.bincount(nearest, minlength=len(centers))
    sums = np.zeros_like(centers)
    np.add.at(sums, nearest, batch)
    total = weights + counts
    moved = counts > 0
    centers[moved] = (centers[moved] * weights[moved, None] + sums[moved]) / total[moved, None]
    weights[:] = total


def _report(job: Job, series: str, rows: Array, centers: Array) -> None:
    _, distances = pairwise_distances_argmin_min(rows, centers)
    squared = np.square(distances)
    values = {"msd": float(squared.mean()), "ssd": float(squared.sum())}
    for name in job.options["eval_metrics"]:
        job.report.result(series, name, values[name], "loss")


if __name__ == "__main__":
    sys.exit(main("AWS/KMeansWebscale", Path(__file__).parent, ("train", "test"), train))
