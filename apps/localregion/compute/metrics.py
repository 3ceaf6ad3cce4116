"""A job's metrics as its supervisor writes them: training metrics and the use of the machine, points in time."""

import json
from collections.abc import Iterator
from pathlib import Path

from apps.localregion.compute import timelines
from apps.localregion.compute.folder import HostFolder, JobFolder

USAGE = ("CPUUtilization", "MemoryUtilization", "DiskUtilization")
SAMPLE_BYTES = 1 << 16

Point = tuple[float, float]  # unix seconds, value


def training(folder: JobFolder, name: str, start: float, end: float) -> list[Point]:
    """The values of a training metric from `start` to before `end`, unix seconds."""
    mark = f'"name": {json.dumps(name)},'.encode()
    records = (json.loads(line) for line in _lines(folder.metrics, start) if mark in line)
    return [(record["t"], record["value"]) for record in records if record["t"] < end]


def usage(folder: HostFolder, name: str, start: float, end: float) -> list[Point]:
    """An instance's samples of one of USAGE, percent."""
    records = (json.loads(line) for line in _lines(folder.usage, start))
    return [(record["t"], record[name]) for record in records if record["t"] < end and name in record]


def training_names(folder: JobFolder) -> list[str]:
    """The training metrics that the job reports, sorted: every round reports all, so its first lines tell."""
    if not folder.metrics.is_file():
        return []
    with folder.metrics.open("rb") as file:
        lines = file.read(SAMPLE_BYTES).split(b"\n")[:-1]
    return sorted({json.loads(line)["name"] for line in lines})


def _lines(path: Path, start: float) -> Iterator[bytes]:
    if not path.is_file():
        return
    offset = timelines.offset_at(path, start, lambda line: float(json.loads(line)["t"]))
    with path.open("rb") as file:
        file.seek(offset)
        yield from (line for line in file if line.endswith(b"\n"))
