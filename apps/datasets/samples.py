"""Two real data sets that come inside Python packages, so that a first start needs no download.

Breast cancer Wisconsin (diagnostic): scikit-learn; 569 tumours, 30 measurements. Abalone: scikit-lego; 4,177 shells.
Both are from the UCI machine learning repository (CC BY 4.0).
"""

from collections.abc import Callable
from dataclasses import dataclass, field

# Rows held out for validation, and the seed that chooses them.
HOLDOUT = 0.25
SEED = 20


@dataclass(frozen=True)
class Table:
    """A data set in memory: column names, the target's first, and rows in the same order."""

    columns: list[str]
    rows: list[list[float]]


@dataclass(frozen=True)
class Sample:
    """What is said about a sample, and how its table is read."""

    name: str
    title: str
    summary: str
    source: str
    task: str
    read: Callable[[], Table]
    suggested: dict[str, str] = field(default_factory=dict)


def _breast_cancer() -> Table:
    from sklearn.datasets import load_breast_cancer  # slow to import, and needed once

    bunch = load_breast_cancer()
    columns = ["benign", *(name.replace(" ", "_") for name in bunch.feature_names)]
    rows = [[int(label), *features] for label, features in zip(bunch.target, bunch.data.tolist(), strict=True)]
    return Table(columns, rows)


def _abalone() -> Table:
    from sklego.datasets import load_abalone  # slow to import, and needed once

    frame = load_abalone(as_frame=True)
    sexes = {"F": 0, "I": 1, "M": 2}
    frame["sex"] = frame["sex"].map(sexes)
    frame = frame[["rings", *(name for name in frame.columns if name != "rings")]]
    return Table(list(frame.columns), frame.to_numpy().tolist())


SAMPLES = {
    sample.name: sample
    for sample in (
        Sample(
            name="breast-cancer",
            title="Breast cancer Wisconsin (diagnostic)",
            summary="Is a tumour benign (1) or malignant (0), from 30 measurements of its cell nuclei?",
            source="UCI, by scikit-learn",
            task="binary classification",
            read=_breast_cancer,
            suggested={
                "objective": "binary:logistic",
                "eval_metric": "auc",
                "num_round": "100",
                "eta": "0.1",
            },
        ),
        Sample(
            name="abalone",
            title="Abalone",
            summary="How many rings (years, less 1.5) has a shell, from its size and weight? "
            "Its sex is a code: 0 female, 1 infant, 2 male.",
            source="UCI, by scikit-lego",
            task="regression",
            read=_abalone,
            suggested={
                "objective": "reg:squarederror",
                "eval_metric": "rmse",
                "num_round": "100",
                "eta": "0.1",
            },
        ),
    )
}


def split(table: Table, stratify: bool) -> tuple[list[list[float]], list[list[float]]]:
    """Train and validation rows: seeded, and stratified by the target for classes."""
    from sklearn.model_selection import train_test_split

    labels = [row[0] for row in table.rows] if stratify else None
    train, validation = train_test_split(table.rows, test_size=HOLDOUT, random_state=SEED, stratify=labels)
    return train, validation
