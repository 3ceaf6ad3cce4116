"""The algorithms the console can launch, from the tables in `algorithms/`: one file an algorithm, no code."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from apps.training.intervals import Interval

# When a metric is in no table: names with one of the first words in them are better when higher, unless one of the
# second says otherwise ("brier_score").
HIGHER_IS_BETTER = frozenset(
    ("acc", "accuracy", "auc", "auroc", "bleu", "f1", "map", "ndcg", "precision", "r2", "recall", "score")
)
LOWER_IS_BETTER = frozenset(["brier", "error", "err", "loss", "mae", "mse", "rmse", "perplexity"])
WORD = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True)
class Hyperparameter:
    """One row of an algorithm's table. `kind` is integer, float, choice or metric."""

    name: str
    group: str
    kind: str
    help: str
    default: str = ""
    required: bool = False
    example: str = ""
    interval: Interval | None = None
    choices: tuple[str, ...] = ()
    only_if: Mapping[str, list[str]] = field(default_factory=dict)

    @property
    def range_text(self) -> str:
        """Its allowed values in words: "0 to 1", "1 or more"."""
        return self.interval.words if self.interval else ""


@dataclass(frozen=True)
class Rule:
    """Between hyperparameters: `name` must (or must not) be given, depending on others' values."""

    name: str
    must: bool
    when: Mapping[str, list[str]]
    message: str

    def broken_by(self, values: Mapping[str, str]) -> bool:
        """Whether these values, defaults filled in, break the rule."""
        applies = all(values.get(other, "") in allowed for other, allowed in self.when.items())
        given = bool(values.get(self.name))
        return (applies and not given) if self.must else (not applies and given)


@dataclass(frozen=True)
class Algorithm:
    """What the console knows of one built-in algorithm."""

    name: str
    title: str
    summary: str
    documentation: str
    image: str
    image_version: str
    repositories: tuple[str, ...]
    content_types: tuple[str, ...]
    progress: str
    metric_pattern: str
    metrics: Mapping[str, str]
    default_metric: Mapping[str, str]
    hyperparameters: Mapping[str, Hyperparameter]
    rules: tuple[Rule, ...]

    def objective_metric(self, hyperparameters: Mapping[str, str], has_validation: bool) -> str:
        """The metric a job is judged by, as SageMaker names it: "validation:auc"; early stopping uses the last one."""
        chosen = [part.strip() for part in hyperparameters.get("eval_metric", "").split(",") if part.strip()]
        objective = hyperparameters.get("objective") or self.hyperparameters["objective"].default
        metric = chosen[-1] if chosen else self.default_metric.get(objective, "")
        return f"{'validation' if has_validation else 'train'}:{metric}" if metric else ""

    def metric_definitions(self) -> dict[str, str]:
        """Metric names and the patterns that find them in the log, for a region that does not tell them."""
        return {
            f"{channel}:{metric}": self.metric_pattern.format(channel=channel, metric=metric)
            for channel in ("train", "validation")
            for metric in self.metrics
        }


def higher_is_better(metric: str) -> bool:
    """Which way "validation:auc" is better, from the tables, else from its name."""
    name = metric.rsplit(":", 1)[-1]
    for algorithm in ALGORITHMS.values():
        if name in algorithm.metrics:
            return algorithm.metrics[name] == "max"
    words = set(WORD.findall(name.lower()))
    return bool(words & HIGHER_IS_BETTER) and not words & LOWER_IS_BETTER


def algorithm_of_repository(repository: str) -> str:
    """The algorithm whose image is in that ECR repository; the repository's own name when none is."""
    for algorithm in ALGORITHMS.values():
        if repository in algorithm.repositories:
            return algorithm.name
    return repository


def _hyperparameter(row: dict[str, Any]) -> Hyperparameter:
    interval = Interval.parse(row.pop("range")) if "range" in row else None
    choices = tuple(row.pop("choices", ()))
    return Hyperparameter(kind=row.pop("type"), interval=interval, choices=choices, **row)


def _rule(row: dict[str, Any]) -> Rule:
    must = "needs" in row
    return Rule(row["needs" if must else "forbids"], must, row["when" if must else "unless"], row["message"])


def _algorithm(path: Path) -> Algorithm:
    table = tomllib.loads(path.read_text())
    hyperparameters = [_hyperparameter(row) for row in table.pop("hyperparameter")]
    rules = tuple(_rule(row) for row in table.pop("rule", ()))
    for name in ("repositories", "content_types"):
        table[name] = tuple(table[name])
    return Algorithm(name=path.stem, hyperparameters={row.name: row for row in hyperparameters}, rules=rules, **table)


ALGORITHMS = {path.stem: _algorithm(path) for path in sorted((Path(__file__).parent / "algorithms").glob("*.toml"))}
