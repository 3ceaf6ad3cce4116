"""Checks hyperparameters against an image's table, with the sentences of SageMaker's algorithm toolkit.

The texts are those of sagemaker_algorithm_toolkit/hyperparameter_validation.py in
github.com/aws/sagemaker-xgboost-container.
"""

import ast
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apps.localregion.images.failures import UserError
from apps.localregion.images.intervals import Interval


def _literal(kind: type) -> Callable[[str], Any]:
    """A reader of Python's notation for a tuple or list; raises ValueError for anything else."""

    def read(text: str) -> Any:
        try:
            value = ast.literal_eval(text)
        except SyntaxError as error:
            raise ValueError(text) from error
        if not isinstance(value, kind):
            raise ValueError(text)
        return value

    return read


READERS: dict[str, Callable[[str], Any]] = {
    "integer": int,
    "continuous": float,
    "categorical": str,
    "text": str,
    "list": lambda text: text.split(","),
    "tuple": _literal(tuple),
    "nested": _literal(list),
}


@dataclass(frozen=True)
class Rule:
    """What one hyperparameter may be."""

    name: str
    type: str
    allowed: Interval | list[Any] | None
    required: bool

    def check(self, text: str) -> Any:
        """The value of `text`; raises UserError."""
        try:
            value = READERS[self.type](text)
        except (ValueError, TypeError) as error:
            raise UserError(f"Hyperparameter {self.name}: could not parse value (caused by ValueError)") from error
        if self.allowed is not None:
            self._check_range(value, self.allowed)
        return value

    def _check_range(self, value: Any, allowed: Interval | list[Any]) -> None:
        if self.type == "nested":
            if any(element not in allowed for group in value for element in group):
                raise UserError(f"Hyperparameter {self.name}: value {value} not in range {allowed}")
        elif self.type in ("list", "tuple"):
            if any(element not in allowed for element in value):
                raise UserError(f"Hyperparameter {self.name}: value {value} not in range {allowed}")
        elif value not in allowed:
            raise UserError(f"Hyperparameter {self.name}: {value} is not in {allowed}")


class Rules:
    """An image's table of hyperparameters."""

    def __init__(self, path: Path) -> None:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        self._rules = {name: _rule(name, facts) for name, facts in table.items()}
        self._names = {facts["alias"]: name for name, facts in table.items() if "alias" in facts}

    def check(self, given: dict[str, str]) -> dict[str, Any]:
        """The values, under their proper names; raises UserError for the first that is wrong."""
        named = {self._names.get(name, name): text for name, text in given.items()}
        for rule in self._rules.values():
            if rule.required and rule.name not in named:
                raise UserError(f"Missing required hyperparameter: {rule.name}")
        for name in named:
            if name not in self._rules:
                raise UserError(f"Extraneous hyperparameter found: {name}")
        return {name: self._rules[name].check(text) for name, text in named.items()}


def _rule(name: str, facts: dict[str, Any]) -> Rule:
    allowed = Interval.parse(facts["range"]) if "range" in facts else facts.get("values")
    return Rule(name, facts["type"], allowed, facts.get("required", False))
