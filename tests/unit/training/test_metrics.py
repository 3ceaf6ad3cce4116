"""Metric values in log lines."""

from apps.training.catalogue import ALGORITHMS
from apps.training.metrics import MetricFinder

XGBOOST = ALGORITHMS["xgboost"].metric_definitions()


def found(definitions: dict[str, str], *lines: str, last: dict[str, int] | None = None) -> list[tuple[str, int, float]]:
    """(name, step, value) of each value in the lines."""
    finder = MetricFinder(definitions, last or {})
    return [(v.name, v.step, v.value) for v in finder.values((1000, line) for line in lines)]


def test_a_round_of_xgboost_gives_a_value_for_each_channel() -> None:
    line = "[12]#011train-auc:0.99#011validation-auc:0.98123"
    assert found(XGBOOST, line) == [("train:auc", 12, 0.99), ("validation:auc", 12, 0.98123)]


def test_metrics_whose_names_begin_alike_are_told_apart() -> None:
    line = "[0]#011train-aucpr:0.5#011train-auc:0.6#011train-logloss:1.5e-05#011train-mlogloss:2"
    assert {name: value for name, _, value in found(XGBOOST, line)} == {
        "train:auc": 0.6,
        "train:aucpr": 0.5,
        "train:logloss": 1.5e-05,
        "train:mlogloss": 2.0,
    }


def test_other_lines_and_values_that_are_no_numbers_give_nothing() -> None:
    assert found(XGBOOST, "Train matrix has 426 rows", "[3]#011train-auc:nan", "[4]#011train-auc:inf") == []


def test_a_script_that_names_no_round_has_its_values_counted_on() -> None:
    definitions = {"loss": r"loss = ([0-9.]+)"}
    assert found(definitions, "loss = 0.5", "loss = 0.25", last={"loss": 6}) == [("loss", 7, 0.5), ("loss", 8, 0.25)]


def test_a_script_that_names_its_epoch_has_its_values_there() -> None:
    definitions = {"acc": r"acc=([0-9.]+)", "either": r"(?:foo|bar)=([0-9.]+)"}
    assert found(definitions, "Epoch 3: acc=0.75 bar=2") == [("acc", 3, 0.75), ("either", 3, 2.0)]


def test_a_pattern_without_a_group_is_no_error() -> None:
    assert found({"odd": "train-auc"}, "[0]#011train-auc:0.5") == []


def test_a_pattern_that_python_cannot_read_leaves_the_others_alone() -> None:
    assert found({"odd": r"loss=([0-9]++\p{L})", "loss": "loss=([0-9.]+)"}, "[1] loss=2") == [("loss", 1, 2.0)]
