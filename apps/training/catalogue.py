"""The algorithms the console can launch, from the tables in `algorithms/`: one file an algorithm, no code."""

import re
import tomllib
from collections.abc import Collection, Mapping
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
# The channels that a model is judged on, the better first.
JUDGING = ("validation", "test", "train")


@dataclass(frozen=True)
class Hyperparameter:
    """One row of an algorithm's table. `kind` is integer, float, choice, metric or text.

    `words` are taken besides numbers ("auto"); `only_if` names values of others without which it has no effect.
    """

    name: str
    group: str
    kind: str
    help: str
    default: str = ""
    required: bool = False
    tunable: bool = False
    example: str = ""
    interval: Interval | None = None
    choices: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    only_if: Mapping[str, list[str]] = field(default_factory=dict)

    @property
    def range_text(self) -> str:
        """Its allowed values in words: "0 to 1", "1 or more", "0 to 1, or auto"."""
        numbers = self.interval.words if self.interval else ""
        return f"{numbers}, or {' or '.join(self.words)}" if numbers and self.words else numbers


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
class ChannelKind:
    """One input channel of an algorithm; `content_types` only where they differ from the algorithm's."""

    name: str
    help: str
    required: bool = False
    content_types: tuple[str, ...] = ()


@dataclass(frozen=True)
class Recommendation:
    """For data sets of these tasks and so many rows the algorithm is worth a try; the lowest rank stands first."""

    tasks: tuple[str, ...]
    rows: Interval
    rank: int
    why: str


@dataclass(frozen=True)
class Algorithm:
    """What the console knows of one algorithm.

    `kind` is "built-in", "script" (a user's program in SageMaker's image) or "image" (a user's own image).
    `labelled` says whether its training data is a table with the label first, as the console's data sets are.
    """

    name: str
    title: str
    kind: str
    family: str
    tasks: tuple[str, ...]
    summary: str
    documentation: str
    content_types: tuple[str, ...]
    instances: str
    channels: Mapping[str, ChannelKind]
    hyperparameters: Mapping[str, Hyperparameter]
    image: str = ""
    image_version: str = ""
    repositories: tuple[str, ...] = ()
    instance_type: str = "ml.m5.xlarge"
    labelled: bool = False
    progress: str = ""
    metric_pattern: str = ""
    judged_by: str = ""
    metrics: Mapping[str, str] = field(default_factory=dict)
    default_metric: Mapping[str, str] = field(default_factory=dict)
    suggested: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    recommended: tuple[Recommendation, ...] = ()
    rules: tuple[Rule, ...] = ()

    def runs_with(self, repositories: frozenset[str] | None) -> bool:
        """Whether a workspace with these image repositories has its image; None is all, a user's own always runs."""
        return repositories is None or not self.repositories or bool(repositories & {*self.repositories})

    def objective_metric(self, hyperparameters: Mapping[str, str], channels: Collection[str]) -> str:
        """The metric a job is judged by, as SageMaker names it: "validation:auc"; early stopping uses the last one."""
        chosen = [part.strip() for part in hyperparameters.get("eval_metric", "").split(",") if part.strip()]
        metric = chosen[-1] if chosen else self.default_metric.get(self._judge(hyperparameters), "")
        if not metric or ":" in metric:
            return metric
        return f"{next((name for name in JUDGING if name in channels), 'train')}:{metric}"

    def _judge(self, hyperparameters: Mapping[str, str]) -> str:
        row = self.hyperparameters.get(self.judged_by)
        return (hyperparameters.get(row.name) or row.default) if row else ""

    def metric_definitions(self) -> dict[str, str]:
        """Metric names and the patterns that find them in the log, for a region that does not tell them."""
        if not self.metric_pattern:
            return {}
        return {
            f"{channel}:{metric}": self.metric_pattern.format(channel=channel, metric=metric)
            for channel in ("train", "validation")
            for metric in self.metrics
        }


def higher_is_better(metric: str) -> bool:
    """Which way "validation:auc" is better, from the tables, else from its name."""
    name = metric.rsplit(":", 1)[-1]
    for key in (metric, name):
        for algorithm in ALGORITHMS.values():
            if key in algorithm.metrics:
                return algorithm.metrics[key] == "max"
    words = set(WORD.findall(name.lower()))
    return bool(words & HIGHER_IS_BETTER) and not words & LOWER_IS_BETTER


def algorithm_of_repository(repository: str) -> str:
    """The algorithm whose image is in that ECR repository; the repository's own name when none is."""
    for algorithm in ALGORITHMS.values():
        if repository in algorithm.repositories:
            return algorithm.name
    return repository


def _hyperparameter(name: str, group: str, row: dict[str, Any]) -> Hyperparameter:
    interval = Interval.parse(row.pop("range")) if "range" in row else None
    choices, words = (tuple(row.pop(key, ())) for key in ("choices", "words"))
    return Hyperparameter(
        name=name, group=group, kind=row.pop("type"), interval=interval, choices=choices, words=words, **row
    )


def _rule(row: dict[str, Any]) -> Rule:
    must = "needs" in row
    return Rule(row["needs" if must else "forbids"], must, row["when" if must else "unless"], row["message"])


def _recommendation(row: dict[str, Any]) -> Recommendation:
    rows = Interval.parse(row.get("rows", "[0, inf)"))
    return Recommendation(tuple(row["tasks"]), rows, row["rank"], row["why"])


def _algorithm(path: Path) -> Algorithm:
    table = tomllib.loads(path.read_text())
    table["hyperparameters"] = {
        name: _hyperparameter(name, group, row)
        for group, rows in table.get("hyperparameters", {}).items()
        for name, row in rows.items()
    }
    table["channels"] = {
        name: ChannelKind(name, **row | {"content_types": tuple(row.get("content_types", ()))})
        for name, row in table["channels"].items()
    }
    table["rules"] = tuple(_rule(row) for row in table.pop("rule", ()))
    table["recommended"] = tuple(_recommendation(row) for row in table.get("recommended", ()))
    lists = {name: tuple(table.get(name, ())) for name in ("repositories", "content_types", "tasks")}
    return Algorithm(name=path.stem, **table | lists)


ALGORITHMS = {path.stem: _algorithm(path) for path in sorted((Path(__file__).parent / "algorithms").glob("*.toml"))}
