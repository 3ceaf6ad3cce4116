"""Trains SageMaker's built-in XGBoost: reads and writes /opt/ml as its container does."""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
from pathlib import Path
from typing import Any

from apps.localregion.images.catalogue import find_named
from apps.localregion.images.failures import UserError, run
from apps.localregion.images.hyperparameters import Rules
from apps.localregion.images.xgboost import callbacks, checkpoints, checks, cluster, data
from apps.localregion.images.xgboost.lean import xgboost
from apps.localregion.images.xgboost.metrics import CUSTOM, custom_metric

RULES = Path(__file__).with_name("hyperparameters.toml")
CHANNELS = ("train", "validation", "code")
MODEL = "xgboost-model"
LOGISTIC = ("binary:logistic", "binary:logitraw", "reg:logistic")

# What XGBoost says when the data or the hyperparameters are wrong (constants/xgb_constants.py of the container).
CUSTOMER_ERRORS = (
    "label must be in [0,1] for logistic regression",
    "label must be in [0, num_class)",
    "Target is multiclass but average='binary'",
    "feature_names mismatch",
    "Check failed: preds.size() == info.labels",
    "the dataset only contains pos or neg samples",
    "base_score must be in (0,1)",
    "label must be nonnegative",
    "Parameter reg_lambda should be greater equal to 0",
)

logger = logging.getLogger(__name__)


def main() -> int:
    """Train in the folder SAGEMAKER_BASE_DIR; answers the exit code."""
    base = Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))
    logging.basicConfig(
        stream=sys.stdout,
        level=logging.INFO,
        format="[%(asctime)s:%(levelname)s] %(message)s",
        datefmt="%Y-%m-%d:%H:%M:%S",
    )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    return run(lambda: train(base), base / "output" / "failure")


def train(base: Path) -> None:
    """Check, read, boost, save; raises UserError for what the user can mend."""
    logger.info("Running XGBoost Sagemaker in algorithm mode")
    config = base / "input" / "config"
    values = Rules(RULES).check(json.loads((config / "hyperparameters.json").read_text()))
    checks.check(values, metric_names())
    channels = json.loads((config / "inputdataconfig.json").read_text())
    _check_channels(channels)
    weighted = values.pop("csv_weights", 0) == 1
    kind = data.file_type(channels["train"].get("ContentType"))
    logger.info("Determined 0 GPU(s) available on the instance.")
    with cluster.joined(config) as keeps:
        matrices = {
            name: data.read(data.files(base / "input" / "data" / name, channels[name]), kind, weighted)
            for name in ("train", "validation")
            if name in channels
        }
        for name, matrix in matrices.items():
            if matrix is None:
                what = "training" if name == "train" else name
                raise UserError(f"No data in {what} channel path {base / 'input' / 'data' / name}")
        boost(values, matrices, base / "model" / MODEL if keeps else None, checkpoints.folder(base))


def metric_names() -> list[str]:
    """The names that eval_metric may have: those of the image's table."""
    return [
        definition["Name"].removeprefix("validation:")
        for definition in find_named("sagemaker-xgboost").metric_definitions
        if definition["Name"].startswith("validation:")
    ]


def boost(values: dict[str, Any], matrices: dict[str, Any], path: Path | None, points: Path | None) -> None:
    """Train on matrices["train"], from the last of the checkpoints `points` if the job keeps some.

    Saves the model as `path`, if this host keeps it. Raises UserError.
    """
    rounds, kept = values.pop("num_round"), values.pop("save_model_on_termination", "false")
    stopping = values.pop("early_stopping_rounds", None)
    _refuse_unknown(values)
    _check_labels(values.get("objective"), matrices)
    metrics = _metrics(values)
    # Kept before reported: a round that the log shows is in the model.
    hooks: list[Any] = [callbacks.KeepModel(path)] if kept == "true" and path else []
    checkpoint, first = checkpoints.last(points)
    hooks.append(callbacks.Report(first))
    if path is not None and points is not None:
        hooks.append(checkpoints.Checkpoints(points, first))
    if stopping:
        hooks.append(_early_stopping(stopping, metrics, "validation" if "validation" in matrices else "train"))
    for name, matrix in matrices.items():
        columns = f" and {matrix.num_col()} columns" if name == "train" else ""
        logger.info("%s matrix has %d rows%s", name.capitalize(), matrix.num_row(), columns)
    try:
        model = xgboost.train(
            _parameters(values, metrics),
            matrices["train"],
            num_boost_round=max(0, rounds - first),
            xgb_model=checkpoint,
            evals=[(matrix, name) for name, matrix in matrices.items()],
            custom_metric=custom_metric(metrics, values.get("objective", "")),
            callbacks=hooks,
            verbose_eval=False,
        )
    except (xgboost.core.XGBoostError, ValueError) as error:
        raise _told(error) from error
    if path is not None:
        callbacks.save(model, path)


def _check_channels(channels: dict[str, Any]) -> None:
    if "train" not in channels:
        raise UserError("Missing required channel: train")
    for name in channels:
        if name not in CHANNELS:
            raise UserError(f"Extraneous channel found: {name}")


def _refuse_unknown(values: dict[str, Any]) -> None:
    """What the container does and this image does not, by name."""
    if "_kfold" in values or "_num_cv_round" in values:
        raise UserError("Hyperparameter _kfold is not supported by this region: remove it")
    if values.pop("use_dask_gpu_training", "false") == "true":
        raise UserError("Hyperparameter use_dask_gpu_training needs GPUs: remove it")


def _check_labels(objective: str | None, matrices: dict[str, Any]) -> None:
    """What XGBoost before 3 said itself; later ones stumble over the base score that they estimate first."""
    for matrix in matrices.values() if objective in LOGISTIC else ():
        labels = matrix.get_label()
        if ((labels < 0) | (labels > 1)).any():
            raise UserError("label must be in [0,1] for logistic regression")


def _metrics(values: dict[str, Any]) -> list[str]:
    """The metrics to report: those asked for, and the tuning job's."""
    tuned = values.pop("_tuning_objective_metric", None)
    given = values.pop("eval_metric", [])
    if tuned is None:
        return list(given)
    name = tuned.partition(":")[2]
    logger.info("Setting up HPO optimized metric to be : %s", name)
    return sorted({name, *given})


def _early_stopping(rounds: int, metrics: list[str], series: str) -> Any:
    metric = metrics[-1] if metrics else None
    return xgboost.callback.EarlyStopping(
        rounds=rounds,
        data_name=series,
        metric_name=metric,
        maximize=True if metric in CUSTOM and metric != "mse" else None,
        save_best=True,
    )


def _parameters(values: dict[str, Any], metrics: list[str]) -> dict[str, Any]:
    """XGBoost's own parameters: older spellings of SageMaker's become today's."""
    own = [name for name in metrics if name not in CUSTOM]
    parameters = {**values, "eval_metric": own} if own else {**values}
    if metrics and not own:
        parameters["disable_default_eval_metric"] = True
    if parameters.get("objective") == "reg:linear":
        parameters["objective"] = "reg:squarederror"
    if "updater" in parameters:
        parameters["updater"] = ",".join(parameters["updater"])
    for gone in ("predictor", "dsplit", "sketch_eps", "lambda_bias", "single_precision_histogram"):
        parameters.pop(gone, None)
    return parameters


def _told(error: Exception) -> Exception:
    text = str(error).partition("\nStack trace:")[0]
    if any(known in text for known in CUSTOMER_ERRORS):
        return UserError(text)
    return RuntimeError(f"XGB train call failed with exception:\n {text}")


if __name__ == "__main__":
    sys.exit(main())
