"""Log streams as append-only files: a line an event, "unix milliseconds TAB message", times never falling.

The writer is whoever has the output (a job's supervisor), so logs need no ingestion and survive any kill.
Positions are byte offsets of lines: a million lines cost no more than ten.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

from apps.localregion.compute import timelines

FOLDER, FILE = "+", ".log"  # quote() never makes a "+": a folder and a file cannot have one name

CREATED = "created"  # ends like neither: the time of this file is the group's


@dataclass(frozen=True)
class Event:
    """A log event and where its line starts and ends in the file."""

    milliseconds: int
    message: str
    start: int
    end: int


class LogStreams:
    """The streams below one folder: a folder a group, the parts of a stream's name as folders below it."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def groups(self) -> list[str]:
        """The groups' names, sorted."""
        if not self._root.is_dir():
            return []
        return sorted(unquote(path.name.removesuffix(FOLDER)) for path in self._root.iterdir())

    def group(self, name: str) -> Path:
        """The group's folder, there or not."""
        return self._root / (quote(name, safe="") + FOLDER)

    def has_group(self, name: str) -> bool:
        """Whether the group is there; a job whose group was deleted makes it again."""
        return _there(self.group(name), Path.is_dir)

    def has_stream(self, group: str, stream: str) -> bool:
        """Whether the stream is there."""
        return _there(self.path(group, stream))

    def make_group(self, name: str) -> None:
        """Make the group if it is not there."""
        self.group(name).mkdir(parents=True, exist_ok=True)
        created = self.group(name) / CREATED
        if not created.exists():
            created.touch()

    def created(self, name: str) -> float:
        """When the group was made, unix seconds."""
        created = self.group(name) / CREATED
        return (created if created.is_file() else self.group(name)).stat().st_mtime

    def path(self, group: str, stream: str) -> Path:
        """Where the stream's file lies or would lie."""
        *folders, last = stream.split("/")
        parts = [quote(part, safe="") + FOLDER for part in folders]
        return self.group(group).joinpath(*parts, quote(last, safe="") + FILE)

    def streams(self, group: str, prefix: str = "") -> Iterator[tuple[str, Path]]:
        """Name and file of the group's streams whose names start with `prefix`, in no order."""
        base = self.group(group)
        above = prefix.rpartition("/")[0]
        start = base.joinpath(*[quote(part, safe="") + FOLDER for part in above.split("/")]) if above else base
        for folder, _, files in os.walk(start):
            parts = [unquote(part.removesuffix(FOLDER)) for part in Path(folder).relative_to(base).parts]
            for file in (each for each in files if each.endswith(FILE)):
                name = "/".join([*parts, unquote(file.removesuffix(FILE))])
                if name.startswith(prefix):
                    yield name, Path(folder) / file


def _there(path: Path, kind: Callable[[Path], bool] = Path.is_file) -> bool:
    """Whether there is this file; a name too long for a file system is of none."""
    try:
        return kind(path)
    except OSError:
        return False


def forward(path: Path, start: int, end: int) -> Iterator[Event]:
    """The events whose lines start at `start` or later and before `end` (offsets of lines), oldest first."""
    with path.open("rb") as file:
        file.seek(start)
        for line in file:
            if start >= end:
                return
            yield _event(line, start)
            start += len(line)


def backward(path: Path, start: int, end: int) -> Iterator[Event]:
    """The same events, newest first."""
    with path.open("rb") as file:
        position, unfinished = end, b""
        while position > start:
            step = min(timelines.BLOCK, position - start)
            position -= step
            file.seek(position)
            lines = (file.read(step) + unfinished).split(b"\n")[:-1]
            if position > start:  # the first may have begun in the block before
                unfinished = lines.pop(0) + b"\n"
            for line in reversed(lines):
                end -= len(line) + 1
                yield _event(line + b"\n", end)


def offset_at(path: Path, milliseconds: int) -> int:
    """The offset of the first event at or after a time."""
    return timelines.offset_at(path, milliseconds, lambda line: int(line.partition(b"\t")[0]))


def line_at(path: Path, offset: int) -> int:
    """The offset of the line that has the byte at `offset`; the end for what lies behind it."""
    end = timelines.whole(path)
    if offset >= end:
        return end
    with path.open("rb") as file:
        return timelines.line_start(file, offset)


def _event(line: bytes, start: int) -> Event:
    milliseconds, _, message = line.rstrip(b"\n").partition(b"\t")
    return Event(int(milliseconds), message.decode("utf-8", "replace"), start, start + len(line))
