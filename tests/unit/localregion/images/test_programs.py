"""The programs of SageMaker's own algorithms in a job's folder: what they refuse before and while they train."""

import json
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from apps.localregion.images import algorithm, kmeans, knn, linear_learner, pca
from apps.localregion.images.kmeans import train as kmeans_train
from apps.localregion.images.knn import search
from apps.localregion.images.knn import train as knn_train
from apps.localregion.images.linear_learner import train as linear_train
from apps.localregion.images.pca import train as pca_train

PROGRAMS: dict[str, Any] = {
    "kmeans": (kmeans, kmeans_train),
    "knn": (knn, knn_train),
    "linear-learner": (linear_learner, linear_train),
    "pca": (pca, pca_train),
}
UNLABELLED = "text/csv;label_size=0"


def failure(base: Path, name: str, data: dict[str, bytes], content_type: str, **options: object) -> str:
    """What the program writes into output/failure when it trains on these channels."""
    assert run(base, name, data, {"ContentType": content_type}, ["algo-1"], options) == 2
    assert not any((base / "model").iterdir())
    return (base / "output" / "failure").read_text()


def run(
    base: Path, name: str, data: dict[str, bytes], facts: dict[str, str], hosts: list[str], options: dict[str, Any]
) -> int:
    """The exit code of the program on the last of `hosts`."""
    package, program = PROGRAMS[name]
    config = base / "input" / "config"
    config.mkdir(parents=True)
    (base / "model").mkdir()
    channels = dict.fromkeys(data, facts)
    for channel, content in data.items():
        (base / "input" / "data" / channel).mkdir(parents=True)
        (base / "input" / "data" / channel / "part").write_bytes(content)
    for file, value in (
        ("hyperparameters", {option: str(value) for option, value in options.items()}),
        ("inputdataconfig", channels),
        ("resourceconfig", {"current_host": hosts[-1], "hosts": hosts}),
    ):
        (config / f"{file}.json").write_text(json.dumps(value))
    handler = signal.getsignal(signal.SIGTERM)
    try:
        return algorithm.main(name, Path(package.__file__).parent, ("train", "validation", "test"), program.train)
    finally:
        signal.signal(signal.SIGTERM, handler)


KNN = {"feature_dim": 1, "predictor_type": "classifier", "sample_size": 2}


@pytest.mark.parametrize(
    ("name", "data", "options", "reason"),
    [
        ("kmeans", {"train": b"1\n2\n"}, {"k": 3, "feature_dim": 1}, "k=3 is larger than the number of training"),
        ("kmeans", {"train": b"\n"}, {"k": 3, "feature_dim": 1}, "No training data processed."),
        ("kmeans", {"training": b"1\n"}, {"k": 1, "feature_dim": 1}, "Caused by: 'train' is a required property"),
        ("kmeans", {"train": b"1\n", "extra": b"1\n"}, {"k": 1, "feature_dim": 1}, "('extra' was unexpected)"),
        ("kmeans", {"train": b"1\n", "test": b"\n"}, {"k": 1, "feature_dim": 1}, "The test channel has no data."),
        (
            "pca",
            {"train": b"1,2\n"},
            {"feature_dim": 2, "num_components": 3, "mini_batch_size": 1},
            "num_components=3 must not be larger than feature_dim=2.",
        ),
        ("knn", {"train": b"1,2\n0,4\n"}, {**KNN, "k": 3}, "k=3 is larger than the number of sampled"),
        ("knn", {"train": b"1,2\n"}, {**KNN, "k": 1, "dimension_reduction_type": "sign"}, "must be set together."),
        (
            "knn",
            {"train": b"1,2\n"},
            {**KNN, "k": 1, "dimension_reduction_type": "sign", "dimension_reduction_target": 1},
            "dimension_reduction_target=1 must be smaller than feature_dim=1.",
        ),
        ("knn", {"train": b"1,2\n"}, {**KNN, "k": 1, "index_type": "faiss.IVFPQ"}, "faiss_index_pq_m must be set"),
        (
            "linear-learner",
            {"train": b"1,2\n"},
            {"predictor_type": "multiclass_classifier"},
            "num_classes is required when predictor_type is 'multiclass_classifier'.",
        ),
        (
            "linear-learner",
            {"train": b"1,2\n"},
            {"predictor_type": "regressor", "loss": "hinge_loss"},
            "The loss 'hinge_loss' is not valid for predictor_type 'regressor'",
        ),
        (
            "linear-learner",
            {"train": b"1,2\n0,3\n", "validation": b"0.5,2\n"},
            {"predictor_type": "binary_classifier"},
            "The validation dataset has the label 0.5.",
        ),
    ],
)
def test_what_cannot_be_trained_is_refused_as_the_users_error(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    data: dict[str, bytes],
    options: dict[str, object],
    reason: str,
) -> None:
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    kind = "text/csv" if name in ("knn", "linear-learner") else UNLABELLED
    text = failure(tmp_path, name, data, kind, **options)
    assert text.startswith("ClientError: ")
    assert reason in text


def test_of_several_instances_the_first_trains_with_all_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options = {"k": 1, "feature_dim": 1}
    for name, hosts in (("first", ["127.0.0.1"]), ("second", ["127.0.0.1", "127.0.0.2"])):
        monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path / name))
        assert run(tmp_path / name, "kmeans", {"train": b"1\n2\n"}, {"ContentType": UNLABELLED}, hosts, options) == 0
    assert [path.name for path in (tmp_path / "first" / "model").iterdir()] == ["model_algo-1"]
    assert not any((tmp_path / "second" / "model").iterdir())


@pytest.mark.parametrize("kind", ["sign", "fjlt"])
def test_a_projection_nearly_keeps_distances(kind: str) -> None:
    random = np.random.default_rng(0)
    rows = random.normal(size=(30, 400))
    reduced = rows @ search.projection(kind, 400, 200, random)
    before = np.linalg.norm(rows[:, None] - rows[None], axis=2)[np.triu_indices(30, 1)]
    after = np.linalg.norm(reduced[:, None] - reduced[None], axis=2)[np.triu_indices(30, 1)]
    assert np.abs(after / before - 1).max() < 0.25


def test_inner_products_choose_the_largest() -> None:
    rows = np.array([[1.0, 0], [10, 0], [0, 5]])
    assert [*search.neighbours(rows, np.array([[1.0, 0]]), 2, "INNER_PRODUCT")[0]] == [1, 0]


def test_the_commonest_label_wins_and_the_smallest_of_equals() -> None:
    labels = np.array([7.0, 3, 3, 9])
    found = np.array([[0, 1, 2], [0, 1, 3]])
    assert [*search.predict(labels, found, "classifier")] == [3, 3]
    assert [*search.predict(labels, found, "regressor")] == [pytest.approx(13 / 3), pytest.approx(19 / 3)]
