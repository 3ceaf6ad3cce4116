"""Serves SageMaker's built-in XGBoost.

Formats and sentences: algorithm_mode/serve.py and serve_utils.py of github.com/aws/sagemaker-xgboost-container.
"""

from __future__ import annotations

import csv
import json
import os
import re
import sys
from collections.abc import Callable
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import numpy as np

from apps.localregion.images.serving import Answer, Refused, Served, media_type, serve
from apps.localregion.images.xgboost.lean import xgboost

LIBSVM = ("text/libsvm", "text/x-libsvm")
ACCEPTED = ("application/json", "application/jsonlines", "text/csv")
SELECTABLE = "SAGEMAKER_INFERENCE_OUTPUT"
BATCH = "SAGEMAKER_BATCH"  # set by a transform job: a line a row
LOADING_FAILED = "Loading {kind} data failed with Exception, please ensure data is in {kind} format:\n {type}\n {error}"

Array = np.ndarray[Any, Any]


def load(folder: Path) -> Served:
    """The model in the folder; raises RuntimeError when there is none that can be read."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name[0] != ".")
    if not files:
        raise RuntimeError("the model archive has no file")
    try:
        booster = xgboost.Booster(model_file=bytearray(files[0].read_bytes()))
    except xgboost.core.XGBoostError as error:
        raise RuntimeError(f"{files[0].name} is not an XGBoost model: {str(error).partition(chr(10))[0]}") from error
    booster.set_param({"nthread": 1})
    predictor = Predictor(booster, json.loads(booster.save_config()))
    return Served(predictor.invoke)


class Predictor:
    """A booster and what its answers look like."""

    def __init__(self, booster: Any, config: dict[str, Any]) -> None:
        self._booster = booster
        self._columns = booster.num_features()
        learner = config["learner"]
        self._objective: str = learner["objective"]["name"]
        self._classes = int(learner["learner_model_param"]["num_class"])
        best = booster.attr("best_iteration")
        self._rounds = (0, int(best) + 1) if best is not None else (0, 0)
        self._selected = [key.strip() for key in os.environ.get(SELECTABLE, "").split(",") if key.strip()]

    def invoke(self, body: bytes, content_type: str, accept: str) -> Answer:
        """The predictions for the rows in the body; raises Refused."""
        answered = media_type(accept) or os.environ.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", "text/csv")
        if answered not in ACCEPTED:
            raise Refused(
                406,
                f"Accept type {answered} is not supported. Please use supported accept types: {', '.join(ACCEPTED)}.",
            )
        matrix = self._matrix(body, media_type(content_type) or "text/csv")
        try:
            scores = self._booster.predict(matrix, iteration_range=self._rounds, validate_features=False)
        except (xgboost.core.XGBoostError, ValueError) as error:
            text = str(error).partition("\nStack trace:")[0]
            raise Refused(400, f"Unable to evaluate payload provided: {text}") from error
        if self._selected:
            return _encode([self._select(row) for row in scores], answered)
        return _encode_scores(scores, answered)

    def _matrix(self, body: bytes, kind: str) -> Any:
        reader = _READERS.get(kind)
        if reader is None:
            raise Refused(
                415,
                f"Content-type {kind} not supported. Supported content-type is text/csv, text/libsvm, "
                "application/x-recordio-protobuf",
            )
        try:
            rows = reader(body, self._columns)
        except Exception as error:
            told = LOADING_FAILED.format(kind=kind.rpartition("/")[2], type=type(error), error=error)
            raise Refused(415, told) from error
        found = rows.shape[1]
        if found != self._columns:
            raise Refused(
                400,
                f"Unable to evaluate payload provided: Feature size of {kind.rpartition('/')[2]} inference data "
                f"{found} is not consistent with feature size of trained model {self._columns}.",
            )
        return xgboost.DMatrix(rows, nthread=1)

    def _select(self, row: Any) -> dict[str, Any]:
        """What SAGEMAKER_INFERENCE_OUTPUT asks for; what a model has not is NaN, as in the container."""
        facts: dict[str, Any] = {}
        if self._objective == "multi:softprob":
            facts = {
                "predicted_label": int(row.argmax()),
                "labels": [*range(self._classes)],
                "probability": float(row.max()),
                "probabilities": row.tolist(),
                "raw_score": float(row.max()),
                "raw_scores": row.tolist(),
            }
        elif self._objective == "binary:logistic":
            score = float(row)
            facts = {
                "predicted_label": int(score > 0.5),
                "labels": [0, 1],
                "probability": score,
                "probabilities": [1 - score, score],
                "raw_score": score,
                "raw_scores": [1 - score, score],
            }
        else:
            facts = {"predicted_score": float(row)} if np.ndim(row) == 0 else {}
        return {name: facts.get(name, float("nan")) for name in self._selected}


def _csv(body: bytes, columns: int) -> Array:
    """Numbers; an empty cell is missing."""
    text = body.strip().decode("utf-8-sig")
    first = text.partition("\n")[0]
    delimiter = next((mark for mark in ",;\t" if mark in first), "," if columns == 1 else " ")
    lines = text.splitlines()
    try:
        return np.loadtxt(lines, np.float32, comments=None, delimiter=delimiter, ndmin=2)
    except ValueError:
        # Slower, with empty cells; its error, if it has one, names the cell.
        return np.loadtxt(lines, np.float32, comments=None, delimiter=delimiter, ndmin=2, converters=_number_or_missing)


def _number_or_missing(cell: str) -> float:
    return float(cell) if cell.strip() else float("nan")


def _libsvm(body: bytes, columns: int) -> Array:
    """Dense rows of `index:value` pairs, an optional label before them; what is not there is missing."""
    lines = body.strip().decode().splitlines()
    rows = np.full((len(lines), columns), np.nan, np.float32)
    for number, line in enumerate(lines):
        for index, value in re.findall(r"(\d+):(\S+)", line):
            if int(index) >= columns:
                raise ValueError(f"index {index} is beyond the {columns} features of the trained model")
            rows[number, int(index)] = float(value)
    return rows


def _protobuf(body: bytes, columns: int) -> Array:
    from apps.localregion.images import recordio  # protobuf is not worth its import for the other formats

    return np.stack([row for row, _ in recordio.read(BytesIO(body), absent=float("nan"))])


_READERS: dict[str, Callable[[bytes, int], Array]] = {
    "text/csv": _csv,
    **dict.fromkeys(LIBSVM, _libsvm),
    "application/x-recordio-protobuf": _protobuf,
}


def _encode_scores(scores: Array, answered: str) -> Answer:
    """The container's own: several scores of a row (multi:softprob) stand in brackets."""
    values = scores.tolist()
    if answered != "text/csv":
        return _encode([{"score": value} for value in values], answered)
    batch = os.environ.get(BATCH)
    text = "\n".join(map(str, values)) + "\n" if batch else ",".join(map(str, values))
    return text.encode(), "text/csv; charset=utf-8"


def _encode(rows: list[dict[str, Any]], answered: str) -> Answer:
    if answered == "application/json":
        return json.dumps({"predictions": rows}).encode(), answered
    if answered == "application/jsonlines":
        return b"".join(json.dumps(row).encode() + b"\n" for row in rows), answered
    text = StringIO()
    csv.writer(text).writerows(row.values() for row in rows)
    return text.getvalue().encode(), "text/csv; charset=utf-8"


if __name__ == "__main__":
    sys.exit(serve(load))
