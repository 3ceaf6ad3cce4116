"""Checkpoints of the model: one a round in /opt/ml/checkpoints, from the last of which a later job goes on.

Names and sentences: checkpointing.py of github.com/aws/sagemaker-xgboost-container.
"""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path
from typing import Any

from apps.localregion.images.xgboost.callbacks import Log, save
from apps.localregion.images.xgboost.lean import xgboost

NAME = "xgboost-checkpoint"
KEPT = 5  # the newest
_FILE = re.compile(rf"{NAME}\.(\d+)")

logger = logging.getLogger(__name__)


class Checkpoints(xgboost.callback.TrainingCallback):
    """Keeps the model after each round in `folder`; `first` is the number of the first round."""

    def __init__(self, folder: Path, first: int) -> None:
        self._folder = folder
        self._first = first

    def after_iteration(self, model: Any, epoch: int, evals_log: Log) -> bool:
        """XGBoost's hook; False: go on."""
        number = self._first + epoch
        save(model, self._folder / f"{NAME}.{number}")
        (self._folder / f"{NAME}.{number - KEPT}").unlink(missing_ok=True)
        return False


def folder(base: Path) -> Path | None:
    """Where the job's checkpoints lie, None when it keeps none."""
    config = base / "input" / "config" / "checkpointconfig.json"
    if not config.is_file():
        return None
    return base / Path(json.loads(config.read_text())["LocalPath"]).relative_to("/opt/ml")


def last(kept: Path | None) -> tuple[Path | None, int]:
    """The newest checkpoint and the number of the round to go on with; None and 0 to begin at the beginning."""
    matches = [_FILE.fullmatch(path.name) for path in kept.iterdir()] if kept else []
    number = max((int(match[1]) for match in matches if match), default=-1)
    if kept is None or number < 0:
        return None, 0
    path = kept / f"{NAME}.{number}"
    logger.info("Checkpoint loaded from %s", path)
    logger.info("Resuming from iteration %s", number + 1)
    return path, number + 1
