"""The frame of SageMaker's own algorithms: what they find in /opt/ml, what they leave there, and how they end."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from apps.localregion.images import gathering, options, reporting, tables
from apps.localregion.images.failures import UserError, run
from apps.localregion.images.reporting import Reporter
from apps.localregion.images.tables import Table

MODEL = "model_algo-1"
CLIENT_ERROR = 2  # the exit code of the algorithms for what the user can mend
INPUT = "Unable to initialize the algorithm. Failed to validate input data configuration. (caused by ValidationError)"
NO_DATA = (
    "No training data processed. Either the training channel is empty or the mini-batch size is too high. Verify that "
    "training data contains non-empty files and the mini-batch size is less than the number of records per training "
    "host."
)


@dataclass(frozen=True)
class Job:
    """One training: its options (None: the algorithm chooses), its channels, its voice and where its model goes."""

    options: dict[str, Any]
    data: Path
    channels: dict[str, dict[str, Any]]
    report: Reporter
    model: Path
    gathered: dict[str, Table]  # the channels of which each instance has had a shard, whole
    tuning: bool  # whether a tuning job tries these options

    def read(self, channel: str, *, labelled: bool) -> Table | None:
        """A channel's table, None when the job has no such channel; raises UserError."""
        if channel not in self.channels:
            return None
        table = self.gathered.get(channel)
        if table is None:
            table = tables.read(self.data, channel, self.channels[channel])
        if not len(table):
            what = NO_DATA if channel == "train" else f"The {channel} channel has no data."
            raise UserError(what)
        tables.check(table, channel, self.options.get("feature_dim"), labelled=labelled)
        self.report.say(f"Read {len(table)} records with {table.features.shape[1]} features from channel {channel}")
        return table

    def train_table(self, *, labelled: bool) -> Table:
        """The train channel's table; raises UserError."""
        table = self.read("train", labelled=labelled)
        if table is None:
            raise UserError(f"{INPUT}\n\nCaused by: 'train' is a required property")
        return table

    def save(self, **arrays: Any) -> None:
        """Write the model: numpy's archive of named arrays, whole or not at all."""
        made = self.model.with_name(f".{self.model.name}")
        with made.open("wb") as file:
            np.savez(file, **arrays)
        made.replace(self.model)


def main(name: str, folder: Path, channels: tuple[str, ...], train: Callable[[Job], None]) -> int:
    """Train in the folder SAGEMAKER_BASE_DIR; answers the exit code.

    `name` is the algorithm's in its log; `folder` the image's, with hyperparameters.toml; `channels` those it reads.
    """
    base = Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))
    reporting.set_up()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))

    def work() -> None:
        job = _job(base, name, folder, channels)
        if job is not None:
            train(job)
            job.report.end()

    return run(work, base / "output" / "failure", client_error=CLIENT_ERROR)


def _job(base: Path, name: str, folder: Path, allowed: tuple[str, ...]) -> Job | None:
    """The training of the first instance; None for another one, whose shards it has sent there."""
    config = base / "input" / "config"
    given = json.loads((config / "hyperparameters.json").read_text())
    channels = json.loads((config / "inputdataconfig.json").read_text())
    resources = json.loads((config / "resourceconfig.json").read_text())
    hosts, current = resources["hosts"], resources["current_host"]
    number = hosts.index(current) + 1
    report = Reporter(name, f"algo-{number}")
    report.say(f"Merging with provided configuration from /opt/ml/input/config/hyperparameters.json: {given}")
    values, texts = options.read(folder / "hyperparameters.toml", given)
    report.say(f"Final configuration: {texts}")
    if "train" not in channels:
        raise UserError(f"{INPUT}\n\nCaused by: 'train' is a required property")
    unknown = [channel for channel in channels if channel not in allowed]
    if unknown:
        raise UserError(f"{INPUT}\n\nCaused by: Additional properties are not allowed ('{unknown[0]}' was unexpected)")
    data = base / "input" / "data"
    gathered = _gathered(data, channels, hosts, current)
    if number > 1:
        report.say("The first instance trains, with the data of all instances.")
        report.end()
        return None
    tuning = bool(given.get("_tuning_objective_metric"))
    return Job(values, data, channels, report, base / "model" / MODEL, gathered, tuning)


def _gathered(data: Path, channels: dict[str, dict[str, Any]], hosts: list[str], current: str) -> dict[str, Table]:
    """The whole tables of the channels that are sharded over several instances."""
    sharded = [name for name, facts in channels.items() if facts.get("S3DistributionType") == "ShardedByS3Key"]
    if len(hosts) == 1 or not sharded:
        return {}
    own = {name: tables.read(data, name, channels[name]) for name in sharded}
    return gathering.gather(own, hosts, current)
