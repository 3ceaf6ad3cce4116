"""A job's folder: everything the job is, so that nothing depends on which process is alive."""

import shutil
from pathlib import Path
from typing import Any

from apps.localregion.compute.durable import read_json, write_json


class JobFolder:
    """Paths and records of one job, laid out as SageMaker's containers see /opt/ml.

    job.json         what the supervisor needs; its presence says that the input is complete
    supervisor.json  the claim: {"pid", "started"} of the one supervisor that runs the job
    training.json    the training program's group: {"pid", "started"}
    stop             somebody asked the job to stop
    heartbeat        touched every second by the supervisor
    exit.json        how the training program ended: the supervisor's last word
    settled.json     how the job ends and where its model is: the artifacts are in S3, /opt/ml may go
    metrics.jsonl    {"t" unix seconds, "name", "value"}, a line a reported training metric
    usage.jsonl      {"t", "CPUUtilization", "MemoryUtilization", "DiskUtilization"}: percent, a line a second
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.ml = path / "opt" / "ml"
        self.job = path / "job.json"
        self.supervisor = path / "supervisor.json"
        self.training = path / "training.json"
        self.stop = path / "stop"
        self.heartbeat = path / "heartbeat"
        self.exit = path / "exit.json"
        self.metrics = path / "metrics.jsonl"
        self.usage = path / "usage.jsonl"
        self.settled = path / "settled.json"
        self.temporary = path / "tmp"
        self.failure = self.ml / "output" / "failure"

    def make(self) -> None:
        """Make the /opt/ml layout."""
        for part in ("input/config", "input/data", "model", "output/data", "checkpoints"):
            (self.ml / part).mkdir(parents=True, exist_ok=True)
        self.temporary.mkdir(exist_ok=True)

    def configure(self, name: str, value: Any) -> None:
        """Write one of the container's input/config files."""
        write_json(self.ml / "input" / "config" / f"{name}.json", value)

    def ready(self) -> bool:
        """Whether the input is complete: a supervisor may start, and nobody may touch the input again."""
        return self.job.exists()

    def claim(self) -> dict[str, Any] | None:
        """The supervisor that runs or ran this job."""
        record: dict[str, Any] | None = read_json(self.supervisor)
        return record

    def ended(self) -> dict[str, Any] | None:
        """The exit record, once the training program has ended."""
        record: dict[str, Any] | None = read_json(self.exit)
        return record

    def group(self) -> dict[str, Any] | None:
        """The training program's process group, once started."""
        record: dict[str, Any] | None = read_json(self.training)
        return record

    def clear(self) -> None:
        """Remove what only the running program needs; records, metrics and use stay."""
        for part in (self.path / "opt", self.temporary):
            shutil.rmtree(part, ignore_errors=True)
