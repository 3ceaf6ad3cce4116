"""The K-Means image, compared with scikit-learn on the digits data."""

from typing import Any

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.datasets import load_digits

from tests.region.algorithms import Algorithm, csv, protobuf
from tests.region.conftest import RegionProcess
from tests.region.trainer import Trainer

UNLABELLED = "text/csv;label_size=0"
TRAIN = 1500
OPTIONS: dict[str, Any] = {"k": 10, "feature_dim": 64, "eval_metrics": '["msd","ssd"]', "epochs": 2}


@pytest.fixture(scope="module")
def kmeans(region: RegionProcess) -> Algorithm:
    """K-Means on the shared region."""
    return Algorithm(Trainer(region), "kmeans")


def distance(rows: Any, centers: Any) -> float:
    """The mean squared distance of rows to their nearest centre."""
    return float(np.square(rows[:, None] - centers[None]).sum(axis=2).min(axis=1).mean())


def test_its_clusters_are_nearly_as_close_as_scikit_learns_and_the_same_for_each_format(kmeans: Algorithm) -> None:
    rows = load_digits().data
    train, test = rows[:TRAIN], rows[TRAIN:]
    text = kmeans.start({"train": csv(train), "test": csv(test)}, UNLABELLED, **OPTIONS)
    sparse = kmeans.start({"train": protobuf(train, sparse=True)}, None, **OPTIONS)
    own = KMeans(10, n_init=3, random_state=0).fit(train)
    metrics, model = kmeans.fitted(text)
    centers = model["centroids"]
    assert centers.shape == (10, 64)
    assert distance(train, centers) < 1.05 * own.inertia_ / TRAIN
    assert metrics["test:msd"] == pytest.approx(distance(test, centers), rel=1e-4)
    assert metrics["test:ssd"] == pytest.approx(len(test) * metrics["test:msd"], rel=1e-4)
    assert metrics["train:progress"] == 100
    np.testing.assert_allclose(kmeans.fitted(sparse)[1]["centroids"], centers, rtol=1e-5)
    lines = kmeans.trainer.lines(text)
    for mark in (
        "#progress_metric: host=algo-1, completed 50.0 % of epochs",
        "#progress_metric: host=algo-1, completed 100.0 % of epochs",
        "'extra_center_factor' was set to 'auto', evaluated to 10.",
        "shrinking 100 centers into 10",
        "local kmeans attempt #9. Current mean square distance ",
        "#quality_metric: host=algo-1, train msd <loss>=",
        '#metrics {"StartTime": ',
    ):
        assert any(mark in line for line in lines), mark


def test_a_job_that_cannot_work_fails_as_the_algorithm_fails(kmeans: Algorithm) -> None:
    name = kmeans.start({"train": b"1,2\n3,4\n5,6\n"}, UNLABELLED, k=2, feature_dim=3)
    assert kmeans.refused(name) == (
        "Incorrect configuration or train dataset provided. The value of feature_dim hyperparameter '3' doesn't "
        "match train data dimensionality '2'. Please set feature_dim to the number of features in train dataset."
    )
