"""What is predicted from what: checked against the columns that a version has, with everything left open filled in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps.core.errors import InvalidInput
from apps.datasets.states import Task

Columns = Sequence[Mapping[str, Any]]

# A whole number with more values than this is predicted as a number, unless asked otherwise.
FEW_CLASSES = 20
MAX_CLASSES = 100
# A column of one of these names is proposed as the target, else the last one.
TARGET_NAMES = ("target", "label", "class", "y", "outcome", "diagnosis", "survived", "price")
NUMBERS = ("integer", "number")

# What suits XGBoost for a start: the objective metric's name, and rounds that end in seconds on a small table.
ROUNDS = {"num_round": "100", "eta": "0.1"}
SUGGESTED: Mapping[str, Mapping[str, str]] = {
    Task.BINARY: {"objective": "binary:logistic", "eval_metric": "auc"} | ROUNDS,
    Task.MULTICLASS: {"objective": "multi:softprob", "eval_metric": "mlogloss"} | ROUNDS,
    Task.REGRESSION: {"objective": "reg:squarederror", "eval_metric": "rmse"} | ROUNDS,
}


@dataclass(frozen=True)
class Choice:
    """A checked choice; `classes` are the target's values in the order of their codes, `codes` those of each text."""

    target: str
    task: Task
    features: list[str]
    classes: list[tuple[str, int]]
    codes: dict[str, list[str]]

    @property
    def encodings(self) -> dict[str, list[str]]:
        """The codes to be shown: those of texts, and the classes' where they were not 0, 1, 2 ... already."""
        labels = [text for text, _ in self.classes]
        told = labels and labels != [str(code) for code in range(len(labels))]
        return ({self.target: labels} if told else {}) | self.codes

    @property
    def suggested(self) -> dict[str, str]:
        """Hyperparameters of XGBoost that suit the task."""
        more = {"num_class": str(len(self.classes))} if self.task == Task.MULTICLASS else {}
        return {**SUGGESTED[self.task], **more}


def proposed_target(columns: Columns) -> str:
    """The column that looks like the target."""
    names: list[str] = [column["name"] for column in columns]
    known = [name for name in names if name.lower() in TARGET_NAMES]
    return (known or names[-1:] or [""])[0]


def can_be_feature(column: Mapping[str, Any]) -> bool:
    """Whether the column can stand in the training data: a number, or a text with few enough values for codes."""
    return column["type"] in NUMBERS or bool(column["values"])


def natural_task(column: Mapping[str, Any]) -> Task:
    """What predicting this column is: from its type and how many values it has."""
    few = column["exact"] and column["distinct"] <= FEW_CLASSES
    if column["type"] == "number" and column["distinct"] > 2:
        return Task.REGRESSION
    if column["type"] == "integer" and not few:
        return Task.REGRESSION
    return Task.BINARY if column["distinct"] == 2 else Task.MULTICLASS


def choose(columns: Columns, target: str, features: Sequence[str] | None = None, task: str = "") -> Choice:
    """The checked choice; raises InvalidInput that names the field and what would do."""
    known = {column["name"]: column for column in columns}
    if target not in known:
        raise InvalidInput({"target": [f"There is no column {target!r}. The columns are {_listed(list(known))}."]})
    column = known[target]
    kind = Task(task) if task else natural_task(column)
    _check_target(column, kind)
    if features is None:
        features = [name for name, other in known.items() if name != target and can_be_feature(other)]
    _check_features(known, target, features)
    classes = [] if kind == Task.REGRESSION else [(text, rows) for text, rows in column["values"]]
    codes = {
        name: [text for text, _ in known[name]["values"]] for name in features if known[name]["type"] not in NUMBERS
    }
    return Choice(target, kind, list(features), classes, codes)


def _check_target(column: Mapping[str, Any], task: Task) -> None:
    distinct, name = column["distinct"], column["name"]
    if distinct < 2:
        raise InvalidInput({"target": [f"{name!r} has the same value in each row, so there is nothing to learn."]})
    if task == Task.REGRESSION:
        if column["type"] not in NUMBERS:
            raise InvalidInput({"task": [f"{name!r} holds texts: regression needs numbers. Choose classification."]})
        return
    if not column["values"] or distinct > MAX_CLASSES:
        text = f"{name!r} has {distinct} different values; classification takes at most {MAX_CLASSES}."
        raise InvalidInput({"target": [text]})
    if (task == Task.BINARY) != (distinct == 2):
        right = Task.BINARY if distinct == 2 else Task.MULTICLASS
        raise InvalidInput({"task": [f"{name!r} has {distinct} classes: choose {right}."]})


def _check_features(known: Mapping[str, Mapping[str, Any]], target: str, features: Sequence[str]) -> None:
    for name in features:
        if name not in known:
            raise InvalidInput({"features": [f"There is no column {name!r}."]})
        if name == target:
            raise InvalidInput({"features": [f"{name!r} is the target, so that it cannot be learned from."]})
        if not can_be_feature(known[name]):
            raise InvalidInput({"features": [f"{name!r} has too many different texts to be encoded. Leave it out."]})
    if not features:
        raise InvalidInput({"features": ["Choose at least one column to learn from."]})


def _listed(names: list[str]) -> str:
    return ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")
