"""What happens after each boosting round: the line with its metrics, and the model kept for an early end."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

from apps.localregion.images.xgboost.lean import xgboost

Values = list[float] | list[tuple[float, float]]  # a pair has the standard deviation
Log = dict[str, dict[str, Values]]


class Report(xgboost.callback.TrainingCallback):
    """Prints each round, from number `first` on, as the container does; "#011" is CloudWatch Logs' way with its tab."""

    def __init__(self, first: int = 0) -> None:
        self._first = first

    def after_iteration(self, model: Any, epoch: int, evals_log: Log) -> bool:
        """XGBoost's hook; False: go on."""
        scores = [
            f"{series}-{name}:{_last(values):.5f}"
            for series, metrics in evals_log.items()
            for name, values in metrics.items()
        ]
        print(f"[{self._first + epoch}]" + "".join(f"#011{score}" for score in scores), flush=True)
        return False


class KeepModel(xgboost.callback.TrainingCallback):
    """save_model_on_termination: after each round the model so far lies in the model folder, whole."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def after_iteration(self, model: Any, epoch: int, evals_log: Log) -> bool:
        """XGBoost's hook; False: go on."""
        save(model, self._path)
        return False


def save(model: Any, path: Path) -> None:
    """Write the model by way of the temporary folder: a kill leaves the model before or this one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.gettempdir()) / f"{path.name}.ubj"  # the suffix names the format
    model.save_model(made)
    shutil.move(made, path)


def _last(values: Values) -> float:
    value = values[-1]
    return value[0] if isinstance(value, tuple) else value
