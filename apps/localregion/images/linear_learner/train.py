"""Trains SageMaker's built-in linear learner: several models beside each other, of which the best is kept."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from apps.localregion.images.algorithm import Job, main
from apps.localregion.images.failures import UserError
from apps.localregion.images.linear_learner import losses, metrics, scaling, selection
from apps.localregion.images.linear_learner.losses import LOSSES
from apps.localregion.images.linear_learner.model import BALANCED, Model, Plan, plans
from apps.localregion.images.tables import Table

SEED = 0

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Fitted:
    """A model for rows as they come, and how good it is: more is better."""

    weights: Array
    bias: Array
    threshold: float
    quality: float

    def scores(self, rows: Array) -> Array:
        """rows x outputs."""
        return np.asarray(rows @ self.weights + self.bias)


class Learner:
    """One training; `checked` is the data by which models are compared: validation, else train."""

    def __init__(self, job: Job, train: Table, validation: Table | None) -> None:
        self.options = job.options
        self.report = job.report
        self.kind: str = job.options["predictor_type"]
        self.loss_name = _loss_name(job.options)
        self.train, self.checked = train, validation or train
        self.validated = validation is not None
        self.labels = train.labels[:, 0].astype(np.float64)
        self.scaling = scaling.fit(train.features, self.labels, job.options)
        self.loss = losses.make(self.loss_name, job.options)
        self.objective = f"{LOSSES[self.kind][self.loss_name]}_objective"

    def fit(self, tuning: bool) -> Fitted:
        """Train for as many epochs as asked for, or until none makes the best model better."""
        rows, labels = self.scaling.features(self.train.features), self.scaling.labels(self.labels)
        loss = losses.make(self.loss_name, self.options, self.scaling.label_scale)
        chosen = plans(self.options, tuning)
        outputs = self.options["num_classes"] if self.kind == "multiclass_classifier" else 1
        models = [Model(rows.shape[1], outputs, self.options, plan, loss) for plan in chosen]
        importance = [self._importance(plan) for plan in chosen]
        random = np.random.default_rng(SEED)
        best, idle, epochs = None, 0, self.options["epochs"]
        for epoch in range(epochs):
            started = time.time()
            order = random.permutation(len(rows))
            for model, weights in zip(models, importance, strict=True):
                model.train(rows, labels, weights, order)
            self.report.throughput("train", len(rows), time.time() - started)
            found = self._best(models, epoch)
            self.report.progress(epoch + 1, epochs)
            improved = self._improves(found, best)
            if best is None or found.quality > best.quality:
                best = found
                self.report.say(f"Epoch {epoch}: Loss improved. Updating best model")
            idle = 0 if improved else idle + 1
            if idle >= self.options["early_stopping_patience"]:
                self.report.say("Early stop condition met. Stopping training.")
                self.report.progress(epochs, epochs)
                break
        assert best is not None  # noqa: S101 - epochs is at least 1
        return best

    def results(self, fitted: Fitted, series: str, table: Table) -> None:
        """Report the final model's metrics on one table."""
        scores, labels = fitted.scores(table.features), table.labels[:, 0].astype(np.float64)
        objective = float(self.loss.value(scores, labels).mean())
        values: metrics.Values = {self.objective: (objective, "loss")}
        if self.kind == "binary_classifier":
            values |= metrics.binary(scores, labels, fitted.threshold, self.options)
        elif self.kind == "multiclass_classifier":
            values |= metrics.multiclass(scores, labels, self.options)
        else:
            values |= metrics.regression(scores, labels)
        for name, (value, kind) in values.items():
            self.report.result(series, name, value, kind)

    def _best(self, models: list[Model], epoch: int) -> Fitted:
        fitted = [self._judge(*self.scaling.undo(model.weights, model.bias)) for model in models]
        self._report_epoch(fitted[0], epoch)
        best = max(fitted, key=lambda each: each.quality)
        if not np.isfinite(best.quality):
            raise UserError("The training diverged: the loss is not finite. Set a smaller learning_rate.")
        self.report.criterion(epoch, self._criterion(), abs(best.quality))
        return best

    def _judge(self, weights: Array, bias: Array) -> Fitted:
        scores = np.asarray(self.checked.features @ weights + bias)
        labels = self.checked.labels[:, 0].astype(np.float64)
        quality = -float(self.loss.value(scores, labels).mean())
        if not np.isfinite(quality):
            return Fitted(weights, bias, 0.0, -np.inf)
        threshold = 0.0
        if self.kind == "binary_classifier" and self._criterion() != self.objective:
            count = self.options["num_calibration_samples"] or len(labels)
            threshold, value = selection.best_threshold(scores[:count, 0], labels[:count], self.options)
            quality = value if self.validated else quality
        return Fitted(weights, bias, threshold, quality)

    def _criterion(self) -> str:
        """What decides between models."""
        asked: str = self.options["binary_classifier_model_selection_criteria"]
        by_loss = self.kind != "binary_classifier" or asked in selection.BY_LOSS
        return self.objective if by_loss else asked

    def _report_epoch(self, first: Fitted, epoch: int) -> None:
        """The losses of the first model, the one that the options describe."""
        for series, table in (("train", self.train), ("validation", self.checked)):
            if series == "train" or self.validated:
                value = self.loss.value(first.scores(table.features), table.labels[:, 0].astype(np.float64)).mean()
                self.report.score(series, self.objective, float(value), "loss", epoch=epoch)

    def _improves(self, found: Fitted, best: Fitted | None) -> bool:
        if best is None:
            return True
        gain = (found.quality - best.quality) / max(abs(best.quality), 1e-12)
        return bool(gain >= self.options["early_stopping_tolerance"])

    def _importance(self, plan: Plan) -> Array:
        """The weight of each training row in the loss."""
        labels = self.labels
        if self.kind == "multiclass_classifier" and self.options["balance_multiclass_weights"]:
            counts = np.bincount(labels.astype(int), minlength=self.options["num_classes"])
            return np.asarray(len(labels) / (np.count_nonzero(counts) * counts[labels.astype(int)]))
        if self.kind != "binary_classifier":
            return np.ones(len(labels))
        weight = plan.positive_weight
        if weight == BALANCED:
            weight = (len(labels) - labels.sum()) / max(labels.sum(), 1)
        return np.where(labels == 1, float(weight), 1.0)


def train(job: Job) -> None:
    """Train, save and report; raises UserError."""
    _loss_name(job.options)
    if job.options["predictor_type"] == "multiclass_classifier" and job.options["num_classes"] is None:
        raise UserError("num_classes is required when predictor_type is 'multiclass_classifier'.")
    table = job.train_table(labelled=True)
    others = {series: job.read(series, labelled=True) for series in ("validation", "test")}
    for series, each in {"train": table, **others}.items():
        if each is not None:
            _check_labels(each, series, job.options)
    learner = Learner(job, table, others["validation"])
    fitted = learner.fit(job.tuning)
    job.save(
        weights=fitted.weights.astype(np.float32),
        bias=fitted.bias.astype(np.float32),
        threshold=fitted.threshold,
        predictor_type=learner.kind,
        loss=learner.loss_name,
    )
    for series, each in {"train": table, **others}.items():
        if each is not None:
            learner.results(fitted, series, each)


def _loss_name(options: dict[str, Any]) -> str:
    """The loss, the predictor_type's own for "auto"; raises UserError for another's."""
    kind, name = options["predictor_type"], str(options["loss"])
    allowed = [*LOSSES[kind]]
    if name != "auto" and name not in allowed:
        raise UserError(f"The loss '{name}' is not valid for predictor_type '{kind}', which accepts one of: {allowed}")
    return allowed[0] if name == "auto" else name


def _check_labels(table: Table, series: str, options: dict[str, Any]) -> None:
    if options["predictor_type"] == "regressor":
        return
    classes = options["num_classes"] if options["predictor_type"] == "multiclass_classifier" else 2
    labels = table.labels[:, 0]
    wrong = labels[(labels < 0) | (labels >= classes) | (labels != np.floor(labels))]
    if len(wrong):
        raise UserError(
            f"The {series} dataset has the label {wrong[0]:g}. The labels of a {options['predictor_type']} must be "
            f"integers from 0 to {classes - 1}."
        )


if __name__ == "__main__":
    sys.exit(main("Linear Learner", Path(__file__).parent, ("train", "validation", "test"), train))
