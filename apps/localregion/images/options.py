"""Checks the hyperparameters of SageMaker's own algorithms against an image's table, in their sentences.

The sentences are those of the toolkit that the algorithms share, as its one open copy has them:
vw_serving/sagemaker/config in the Vowpal Wabbit container of github.com/aws/sagemaker-rl-container.
"""

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apps.localregion.images.failures import UserError
from apps.localregion.images.intervals import Interval

CAUSED = "(caused by ValidationError)"
AUTO = "auto"
NUMBERS = {"integer": int, "number": float}

# What every algorithm accepts beside its own: SageMaker's tuning jobs and SDKs set these. They change no result here.
COMMON = (
    "_tuning_objective_metric",
    "_num_gpus",
    "_num_kv_servers",
    "_kvstore",
    "_log_level",
    "_enable_profiler",
    "_disable_wait_to_read",
    "_ftp_port",
    "force_dense",
)


@dataclass(frozen=True)
class Option:
    """What one hyperparameter may be: type is integer, number, boolean, categorical or list."""

    name: str
    type: str
    allowed: Interval | list[str] | None
    auto: bool
    words: tuple[str, ...]  # texts that stand for themselves, beside numbers
    default: str | None
    required: bool

    def read(self, text: str) -> Any:
        """The value, None for "auto"; raises UserError."""
        if self.auto and text == AUTO:
            return None
        if text in self.words:
            return text
        if self.type in NUMBERS:
            return self._number(text)
        if self.type == "list":
            return self._list(text)
        if self.type == "boolean":
            if text.lower() not in ("true", "false"):
                raise self._not_one_of(text, ["true", "false"])
            return text.lower() == "true"
        if isinstance(self.allowed, list) and text not in self.allowed:
            raise self._not_one_of(text, self.allowed)
        return text

    def _number(self, text: str) -> float:
        try:
            value: float = NUMBERS[self.type](text)
        except ValueError:
            raise self._not_a_number(text) from None
        if value != value or (isinstance(self.allowed, Interval) and value not in self.allowed):
            raise self._not_a_number(text)
        return value

    def _list(self, text: str) -> list[str]:
        try:
            values = json.loads(text)
        except ValueError:
            raise UserError(
                f"Hyperparameter must be valid json, but found {self.name}: (caused by ValueError)"
            ) from None
        given: list[str] = values if isinstance(values, list) else [values]
        for value in given:
            if isinstance(self.allowed, list) and value not in self.allowed:
                raise self._not_one_of(str(value), self.allowed)
        return given

    def _not_one_of(self, text: str, allowed: list[str]) -> UserError:
        accepted = ", ".join(f"'{value}'" for value in allowed + [AUTO] * self.auto)
        return UserError(
            f"The value '{text}' is not valid for the '{self.name}' hyperparameter which accepts one of the "
            f"following: {accepted} {CAUSED}"
        )

    def _not_a_number(self, text: str) -> UserError:
        kind = "an integer" if self.type == "integer" else "a number"
        words = [f"'{word}'" for word in (*self.words, *[AUTO] * self.auto)]
        ways = [f"{kind} in {self.allowed}" if self.allowed else kind, *words]
        return UserError(
            f"The value '{text}' is not valid for the '{self.name}' hyperparameter which expects one of the "
            f"following: {'; or '.join(ways)} {CAUSED}"
        )


def read(path: Path, given: dict[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Every option's value, None where the algorithm chooses, and the final configuration as texts for the log.

    Raises UserError for what is missing, unknown or wrong.
    """
    options = [_option(name, facts) for name, facts in tomllib.loads(path.read_text(encoding="utf-8")).items()]
    missing = [option.name for option in options if option.required and option.name not in given]
    if missing:
        names = ", ".join(f"'{name}'" for name in missing)
        raise UserError(
            f"No value(s) were specified for {names} which are required hyperparameter(s) {CAUSED}\n\n"
            f"Caused by: '{missing[0]}' is a required property"
        )
    unknown = [name for name in given if name not in COMMON and name not in {option.name for option in options}]
    if unknown:
        what = f"are not allowed ('{unknown[0]}' was unexpected)"
        raise UserError(f"Additional hyperparameters {what} {CAUSED}\n\nCaused by: Additional properties {what}")
    texts = {**{option.name: option.default for option in options if option.default is not None}, **given}
    values = {option.name: option.read(texts[option.name]) for option in options if option.name in texts}
    return {**{option.name: None for option in options}, **values}, texts


def _option(name: str, facts: dict[str, Any]) -> Option:
    return Option(
        name,
        facts["type"],
        Interval.parse(facts["range"]) if "range" in facts else facts.get("values"),
        facts.get("auto", False),
        tuple(facts.get("words", ())),
        facts.get("default"),
        facts.get("required", False),
    )
