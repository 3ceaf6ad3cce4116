"""XGBoost on 200,000 x 50 from CreateTrainingJob to Completed, against the bare script on the same threads."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil

from tests.bench.figure import Figure
from tests.region.conftest import RegionProcess, free_port
from tests.region.trainer import BUCKET, Trainer, channel

ROWS, COLUMNS, ROUNDS, THREADS = 200_000, 50, 100, 2
PAIRS = 3  # of runs, of which the fastest count: what else the machine does is left out
OVERHEAD = 2.5  # seconds that the job may take more than the script
SETTLE = 3.0  # seconds after the last job, before memory is read
BARE = """
import sys, polars, xgboost
table = polars.read_csv(sys.argv[1], has_header=False).to_numpy().astype("float32")
data = xgboost.DMatrix(table[:, 1:], table[:, 0], nthread=int(sys.argv[3]))
settings = {"objective": "binary:logistic", "tree_method": "hist", "max_depth": 6, "nthread": int(sys.argv[3])}
xgboost.train(settings, data, int(sys.argv[4]), evals=[(data, "train")], verbose_eval=False).save_model(sys.argv[2])
"""


def measure() -> Iterator[Figure]:
    """The group `training`."""
    with tempfile.TemporaryDirectory(prefix="mlconsole-bench-") as name:
        folder = Path(name)
        table = folder / "train.csv"
        _write(table)
        region = RegionProcess(folder / "home", free_port())
        region.start()
        try:
            trainer = Trainer(region)
            trainer.s3.upload_file(str(table), BUCKET, "large/train.csv")
            pairs = [(_bare(table, folder / "bare.json"), _job(trainer)) for _ in range(PAIRS)]
            bare, job = (min(each) for each in zip(*pairs, strict=True))
            yield Figure("training.xgboost", "s", job, bare + OVERHEAD, floor=bare)
            time.sleep(SETTLE)
            assert region.process is not None
            yield Figure("training.region-memory", "MB", psutil.Process(region.process.pid).memory_info().rss / 1e6, 90)
        finally:
            region.stop()


def _write(path: Path) -> None:
    """Label first; the label depends on some of the columns."""
    chance = np.random.default_rng(1)
    features = chance.normal(size=(ROWS, COLUMNS))
    labels = (features[:, :5].sum(1) + chance.normal(size=ROWS) > 0).astype(int)
    np.savetxt(path, np.column_stack([labels, features]), delimiter=",", fmt="%.5g")


def _bare(table: Path, model: Path) -> float:
    """Seconds of a script that does no more than train and save."""
    began = time.perf_counter()
    command = [sys.executable, "-c", BARE, str(table), str(model), str(THREADS), str(ROUNDS)]
    subprocess.run(command, check=True)
    return time.perf_counter() - began


def _job(trainer: Trainer) -> float:
    """Seconds from CreateTrainingJob until the job is seen to be Completed."""
    began = time.perf_counter()
    job = trainer.train(
        HyperParameters={
            "num_round": str(ROUNDS),
            "objective": "binary:logistic",
            "tree_method": "hist",
            "max_depth": "6",
            "nthread": str(THREADS),
        },
        InputDataConfig=[channel("train", f"s3://{BUCKET}/large/train.csv")],
    )
    took = time.perf_counter() - began
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    return took
