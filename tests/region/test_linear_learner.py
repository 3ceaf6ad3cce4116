"""The linear learner image, compared with scikit-learn's linear models."""

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.region.algorithms import Algorithm, csv, protobuf
from tests.region.conftest import RegionProcess
from tests.region.trainer import Trainer


@pytest.fixture(scope="module")
def learner(region: RegionProcess) -> Algorithm:
    """The linear learner on the shared region."""
    return Algorithm(Trainer(region), "linear-learner")


def test_each_predictor_type_is_nearly_as_good_as_scikit_learns(learner: Algorithm) -> None:
    cells, cancer = load_breast_cancer(return_X_y=True)
    patients, progress = load_diabetes(return_X_y=True)
    images, digits = load_digits(return_X_y=True)
    binary = learner.start(
        {"train": csv(cancer[:426], cells[:426]), "validation": csv(cancer[426:], cells[426:])},
        predictor_type="binary_classifier",
        mini_batch_size=50,
        feature_dim=30,
    )
    regression = learner.start(
        {"train": csv(progress[:331], patients[:331]), "test": csv(progress[331:], patients[331:])},
        predictor_type="regressor",
        mini_batch_size=32,
    )
    multiclass = learner.start(
        {"train": protobuf(images[:1500], digits[:1500]), "test": protobuf(images[1500:], digits[1500:])},
        None,
        predictor_type="multiclass_classifier",
        num_classes=10,
        mini_batch_size=100,
        wd=0.001,
    )
    metrics, model = learner.fitted(binary)
    own = make_pipeline(StandardScaler(), LogisticRegression()).fit(cells[:426], cancer[:426])
    accuracy = metrics["validation:binary_classification_accuracy"]
    assert accuracy > own.score(cells[426:], cancer[426:]) - 0.015
    predicted = (cells[426:] @ model["weights"] + model["bias"])[:, 0] >= model["threshold"]
    assert (predicted == cancer[426:]).mean() == pytest.approx(accuracy, abs=0.01)
    assert 0.9 < metrics["validation:binary_f_beta"] <= 1
    assert metrics["validation:roc_auc_score"] > 0.99
    assert {"train:objective_loss", "validation:objective_loss:final", "train:progress"} <= set(metrics)

    metrics, model = learner.fitted(regression)
    exact = LinearRegression().fit(patients[:331], progress[:331])
    mse = np.square(exact.predict(patients[331:]) - progress[331:]).mean()
    assert metrics["test:mse"] < 1.1 * mse
    assert model["weights"].shape == (10, 1)

    metrics, model = learner.fitted(multiclass)
    own = make_pipeline(StandardScaler(), LogisticRegression()).fit(images[:1500], digits[:1500])
    assert metrics["test:multiclass_accuracy"] > own.score(images[1500:], digits[1500:]) - 0.04
    assert metrics["test:multiclass_accuracy"] < metrics["test:multiclass_top_k_accuracy"] <= 1
    assert (str(model["predictor_type"]), str(model["loss"])) == ("multiclass_classifier", "softmax_loss")

    lines = learner.trainer.lines(binary)
    for mark in (
        "#quality_metric: host=algo-1, epoch=0, train binary_classification_cross_entropy_objective <loss>=",
        "#quality_metric: host=algo-1, train binary_classification_cross_entropy_objective <loss>=",
        "#early_stopping_criteria_metric: host=algo-1, epoch=0, criteria=accuracy, value=",
        "#progress_metric: host=algo-1, completed 6.7 % of epochs",
        "#validation_score (algo-1) : ('precision', ",
    ):
        assert any(mark in line for line in lines), mark


def test_labels_of_another_predictor_type_are_refused(learner: Algorithm) -> None:
    name = learner.start({"train": b"1,2\n2,3\n0,4\n"}, predictor_type="binary_classifier")
    assert learner.refused(name) == (
        "The train dataset has the label 2. The labels of a binary_classifier must be integers from 0 to 1."
    )
