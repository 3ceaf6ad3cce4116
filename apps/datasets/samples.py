"""Two real data sets that come inside Python packages, so that a first start needs no download.

Breast cancer Wisconsin (diagnostic): scikit-learn; 569 tumours, 30 measurements. Abalone: scikit-lego; 4,177 shells.
Both are from the UCI machine learning repository (CC BY 4.0).
"""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """A data set in memory: column names, the target's first, and rows in the same order."""

    columns: list[str]
    rows: list[list[float | str]]


@dataclass(frozen=True)
class Sample:
    """What is said about a sample, and how its table is read."""

    name: str
    title: str
    summary: str
    source: str
    target: str
    read: Callable[[], Table]

    def csv(self) -> bytes:
        """The sample as a file that a person would upload."""
        table = self.read()
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([table.columns, *table.rows])
        return text.getvalue().encode()


def _breast_cancer() -> Table:
    from sklearn.datasets import load_breast_cancer  # slow to import, and needed once

    bunch = load_breast_cancer()
    columns = ["benign", *(name.replace(" ", "_") for name in bunch.feature_names)]
    rows = [[int(label), *features] for label, features in zip(bunch.target, bunch.data.tolist(), strict=True)]
    return Table(columns, rows)


def _abalone() -> Table:
    from sklego.datasets import load_abalone  # slow to import, and needed once

    frame = load_abalone(as_frame=True)
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
            target="benign",
            read=_breast_cancer,
        ),
        Sample(
            name="abalone",
            title="Abalone",
            summary="How many rings (years, less 1.5) has a shell, from its size and weight? "
            "Its sex is F (female), I (infant) or M (male).",
            source="UCI, by scikit-lego",
            target="rings",
            read=_abalone,
        ),
    )
}
