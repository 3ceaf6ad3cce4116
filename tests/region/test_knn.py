"""The k-NN image, compared with scikit-learn."""

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_digits
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

from tests.region.algorithms import Algorithm, csv
from tests.region.conftest import RegionProcess
from tests.region.trainer import Trainer


@pytest.fixture(scope="module")
def knn(region: RegionProcess) -> Algorithm:
    """k-NN on the shared region."""
    return Algorithm(Trainer(region), "knn")


def test_it_classifies_and_regresses_as_scikit_learn_does(knn: Algorithm) -> None:
    rows, digits = load_digits(return_X_y=True)
    patients, progress = load_diabetes(return_X_y=True)
    classes = {"train": csv(digits[:1500], rows[:1500]), "test": csv(digits[1500:], rows[1500:])}
    numbers = {"train": csv(progress[:331], patients[:331]), "test": csv(progress[331:], patients[331:])}
    classifier = knn.start(classes, k=3, feature_dim=64, predictor_type="classifier", sample_size=5000)
    regressor = knn.start(numbers, k=7, feature_dim=10, predictor_type="regressor", sample_size=331)
    reduced = knn.start(
        classes,
        k=3,
        feature_dim=64,
        predictor_type="classifier",
        sample_size=1000,
        dimension_reduction_type="sign",
        dimension_reduction_target=32,
        index_metric="COSINE",
    )
    own = KNeighborsClassifier(3).fit(rows[:1500], digits[:1500])
    metrics, model = knn.fitted(classifier)
    assert metrics["test:accuracy"] == pytest.approx(own.score(rows[1500:], digits[1500:]), abs=0.004)
    assert model["features"].shape == (1500, 64)
    predicted = KNeighborsRegressor(7).fit(patients[:331], progress[:331]).predict(patients[331:])
    metrics, model = knn.fitted(regressor)
    assert metrics["test:mse"] == pytest.approx(np.square(predicted - progress[331:]).mean(), rel=0.01)
    np.testing.assert_allclose(np.sort(model["labels"]), np.sort(progress[:331]))
    metrics, model = knn.fitted(reduced)
    assert metrics["test:accuracy"] > 0.9
    assert (model["features"].shape, model["projection"].shape) == ((1000, 32), (64, 32))
