"""The PCA image, compared with scikit-learn on the digits data."""

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA, TruncatedSVD

from tests.region.algorithms import Algorithm, csv, protobuf
from tests.region.conftest import RegionProcess
from tests.region.trainer import Trainer

UNLABELLED = "text/csv;label_size=0"
OPTIONS: dict[str, Any] = {"feature_dim": 64, "num_components": 4, "mini_batch_size": 500}


@pytest.fixture(scope="module")
def pca(region: RegionProcess) -> Algorithm:
    """PCA on the shared region."""
    return Algorithm(Trainer(region), "pca")


def test_both_algorithm_modes_find_scikit_learns_components_in_rising_order(pca: Algorithm) -> None:
    rows = load_digits().data
    exact = pca.start({"train": csv(rows)}, UNLABELLED, **OPTIONS)
    sketch = pca.start(
        {"train": protobuf(rows)},
        None,
        input_mode="Pipe",
        **OPTIONS,
        algorithm_mode="randomized",
        subtract_mean="false",
    )
    own = PCA(4).fit(rows)
    metrics, model = pca.fitted(exact)
    assert metrics["train:progress"] == 100
    np.testing.assert_allclose(model["s"][::-1], own.singular_values_, rtol=1e-4)
    np.testing.assert_allclose(np.abs(model["v"].T[::-1]), np.abs(own.components_), atol=1e-4)
    np.testing.assert_allclose(model["mean"][0], own.mean_, rtol=1e-5)
    raw = TruncatedSVD(4, algorithm="arpack").fit(rows)
    _, model = pca.fitted(sketch)
    assert "mean" not in model
    np.testing.assert_allclose(model["s"][::-1], raw.singular_values_, rtol=1e-3)
