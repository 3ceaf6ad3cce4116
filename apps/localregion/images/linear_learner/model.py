"""One linear model in training: mini-batches, weight decay, L1, and a falling learning rate."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice, product
from typing import Any

import numpy as np

from apps.localregion.images.linear_learner.losses import Loss
from apps.localregion.images.linear_learner.optimizers import OPTIMIZERS

# What "auto" means: the schedule as the algorithm's log shows it; further models have weight decays of their own.
SCHEDULE_STEPS, SCHEDULE_FACTOR, LEAST_RATE = 100, 0.99, 1e-5
DECAYS = (0.0, 1e-4, 1e-2, 1e-3, 1e-5, 0.1, 1e-6, 1.0)
BALANCED = "balanced"

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Plan:
    """What distinguishes one of the models that are trained beside each other."""

    rate: float
    decay: float
    positive_weight: float | str


def plans(options: dict[str, Any], tuning: bool) -> list[Plan]:
    """The models to train: the first as the options say, the others close to it (num_models)."""
    rates = (options["learning_rate"],) if options["learning_rate"] else OPTIMIZERS[options["optimizer"]][1]
    first = options["wd"] or 0.0
    decays = [first, *(decay for decay in DECAYS if decay != first)]
    weight = options["positive_example_weight_mult"]
    weights = [1.0, BALANCED] if weight is None else [weight]
    count = 1 if tuning else options["num_models"] or len(rates) * len(weights)
    return [Plan(rate, decay, each) for decay, each, rate in islice(product(decays, weights, rates), count)]


class Model:
    """Weights (features x outputs) and bias, for normalized features and labels."""

    def __init__(self, columns: int, outputs: int, options: dict[str, Any], plan: Plan, loss: Loss) -> None:
        random = np.random.default_rng(0)
        size = (columns, outputs)
        if options["init_method"] == "normal":
            self.weights = random.normal(0, options["init_sigma"], size)
        else:
            self.weights = random.uniform(-options["init_scale"], options["init_scale"], size)
        self.bias = np.full(outputs, options["init_bias"] if options["use_bias"] else 0.0)
        optimizer = OPTIMIZERS[options["optimizer"]][0]
        self._on_weights, self._on_bias = optimizer(options), optimizer(options)
        self._options = options
        self._plan = plan
        self._loss = loss
        self._rate = plan.rate
        self._steps = 0

    def scores(self, rows: Array) -> Array:
        """rows x outputs."""
        return np.asarray(rows @ self.weights + self.bias)

    def train(self, rows: Array, labels: Array, importance: Array, order: Array) -> None:
        """One epoch: mini-batches of the rows in `order`, each row's loss weighed by its importance."""
        size = self._options["mini_batch_size"]
        for start in range(0, len(order), size):
            batch = order[start : start + size]
            self._step(rows[batch], labels[batch], importance[batch])

    def _step(self, rows: Array, labels: Array, importance: Array) -> None:
        slope = self._loss.slope(self.scores(rows), labels) * importance[:, None] / len(rows)
        rate, decay = self._rate, self._plan.decay
        self.weights -= rate * self._on_weights.step(rows.T @ slope + decay * self.weights)
        if l1 := self._options["l1"]:
            self.weights = np.sign(self.weights) * np.maximum(0, np.abs(self.weights) - rate * l1)
        if self._options["use_bias"]:
            bias_decay = decay * (self._options["bias_wd_mult"] or 0.0)
            bias_rate = rate * (self._options["bias_lr_mult"] or 1.0)
            self.bias = self.bias - bias_rate * self._on_bias.step(slope.sum(axis=0) + bias_decay * self.bias)
        self._schedule()

    def _schedule(self) -> None:
        self._steps += 1
        if (
            self._options["use_lr_scheduler"]
            and self._steps % (self._options["lr_scheduler_step"] or SCHEDULE_STEPS) == 0
        ):
            least = min(self._options["lr_scheduler_minimum_lr"] or LEAST_RATE, self._plan.rate)
            self._rate = max(least, self._rate * (self._options["lr_scheduler_factor"] or SCHEDULE_FACTOR))
