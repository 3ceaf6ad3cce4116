"""What suits a data set: which algorithms are worth a try, and with which hyperparameters they begin."""

from dataclasses import dataclass

from apps.datasets.models import DatasetVersion
from apps.training.catalogue import ALGORITHMS, Algorithm, Recommendation

# The algorithm whose hyperparameters a data set's own suggestions are about.
OF_DATASETS = "xgboost"
# No default of SageMaker's is larger.
LARGEST_BATCH = 1000


@dataclass(frozen=True)
class Recommended:
    """An algorithm and why it suits."""

    algorithm: Algorithm
    reason: Recommendation


def recommended(version: DatasetVersion) -> list[Recommended]:
    """The algorithms that suit a data set's task and size, the first to try first."""
    rows = version.row_count or 0
    fitting = [
        Recommended(algorithm, reason)
        for algorithm in ALGORITHMS.values()
        for reason in algorithm.recommended
        if version.task in reason.tasks and rows in reason.rows
    ]
    return sorted(fitting, key=lambda each: each.reason.rank)


def suggestions(algorithm: Algorithm, version: DatasetVersion) -> dict[str, str]:
    """The hyperparameters that an algorithm begins with on a data set: by its table, then the data set's own."""
    figures = _figures(version)
    templates = {**algorithm.suggested.get("any", {}), **algorithm.suggested.get(version.task, {})}
    filled = {name: text.format_map(figures) for name, text in templates.items()}
    own: dict[str, str] = version.suggested if algorithm.name == OF_DATASETS else {}
    return {name: value for name, value in filled.items() if value} | own


def _figures(version: DatasetVersion) -> dict[str, str]:
    """What the tables may name in braces; empty where it is not known."""
    targets = [column for column in version.columns if column["name"] == version.target]
    features = len(version.features) or max(version.column_count - 1, 0)
    rows = version.train_rows or 0
    return {
        "features": str(features or ""),
        "classes": str(targets[0]["distinct"] if targets else ""),
        "train_rows": str(rows or ""),
        "batch": str(min(rows, LARGEST_BATCH) or ""),
    }
