"""A job's folder: everything the job is, so that nothing depends on which process is alive."""

import re
from pathlib import Path
from typing import Any

from apps.localregion.compute import volumes
from apps.localregion.compute.durable import read_json, write_json

FIRST = "algo-1"  # the first instance lives in the job's folder itself
_HOST = re.compile(r"algo-[1-9]\d*")


class HostFolder:
    """What one instance of a job sees, laid out as SageMaker's containers see /opt/ml, and its records.

    training.json    the training program's group: {"pid", "started"}
    usage.jsonl      {"t", "CPUUtilization", "MemoryUtilization", "DiskUtilization"}: percent, a line a second
    pipes/           what the input's FIFOs are fed with
    """

    def __init__(self, path: Path, name: str) -> None:
        self.path = path
        self.name = name
        self.ml = path / "opt" / "ml"
        self.training = path / "training.json"
        self.usage = path / "usage.jsonl"
        self.pipes = path / "pipes"
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

    def local(self, path: str) -> Path:
        """Where the container's absolute path below /opt/ml lies."""
        return self.ml / Path(path).relative_to("/opt/ml")

    def group(self) -> dict[str, Any] | None:
        """The training program's process group, once started."""
        return _read(self.training)

    def clear(self) -> None:
        """Remove what only the running program needs; records, metrics and use stay."""
        volumes.clear(self.path)


class JobFolder(HostFolder):
    """The folder of a whole job, which is also its first instance's; those of the others lie in it.

    job.json         what the supervisor needs; its presence says that the input is complete
    supervisor.json  the claim: {"pid", "started"} of the one supervisor that runs the job
    stop             somebody asked the job to stop
    heartbeat        touched every second by the supervisor
    exit.json        how the training program ended: the supervisor's last word
    hosts            the programs' /etc/hosts, which has the job's instances
    reserve          room on the disk for exit.json
    settled.json     how the job ends and where its model is: the artifacts are in S3, /opt/ml may go
    metrics.jsonl    {"t" unix seconds, "name", "value"}, a line a reported training metric
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, FIRST)
        self.job = path / "job.json"
        self.supervisor = path / "supervisor.json"
        self.stop = path / "stop"
        self.heartbeat = path / "heartbeat"
        self.exit = path / "exit.json"
        self.metrics = path / "metrics.jsonl"
        self.settled = path / "settled.json"
        self.hosts_file = path / "hosts"
        self.reserve = path / "reserve"

    def host(self, name: str) -> HostFolder:
        """The instance of this name ("algo-2"), there or not."""
        return self if name == FIRST else HostFolder(self.path / name, name)

    def hosts(self) -> list[HostFolder]:
        """The instances that have a folder, in order."""
        others = [path.name for path in self.path.glob("algo-*") if _HOST.fullmatch(path.name)]
        return [self.host(name) for name in sorted([FIRST, *others], key=lambda name: int(name[5:]))]

    def ready(self) -> bool:
        """Whether the input is complete: a supervisor may start, and nobody may touch the input again."""
        return self.job.exists()

    def claim(self) -> dict[str, Any] | None:
        """The supervisor that runs or ran this job."""
        return _read(self.supervisor)

    def attempt(self) -> int | None:
        """Which attempt at the job the folder was made ready for, counted from 0; None if for none."""
        job = read_json(self.job)
        return None if job is None else int(job.get("attempt", 0))

    def ended(self) -> dict[str, Any] | None:
        """The exit record, once the training program has ended."""
        record: dict[str, Any] | None = read_json(self.exit)
        return record

    def lost(self) -> bool:
        """Whether a volume of an instance is gone before what it held was settled."""
        return not self.settled.exists() and any(volumes.lost(host.path) for host in self.hosts())

    def clear(self) -> None:
        """The same for every instance."""
        for host in self.hosts():
            HostFolder.clear(host)

    def reset(self) -> None:
        """Make room for another attempt: only metrics and use stay. The claim, which says that one was, goes last."""
        self.path.mkdir(parents=True, exist_ok=True)
        self.clear()
        records = (self.job, self.exit, self.settled, self.stop, self.heartbeat, self.reserve)
        for record in (*records, *(host.training for host in self.hosts()), self.supervisor):
            record.unlink(missing_ok=True)


def _read(path: Path) -> dict[str, Any] | None:
    """A process's record; a damaged one names nobody, which is not the same as none."""
    try:
        record: dict[str, Any] | None = read_json(path)
    except ValueError:
        return {"pid": 0, "started": "damaged"}
    return record
