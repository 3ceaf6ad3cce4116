"""Log streams as append-only files: a line an event, "unix milliseconds TAB message", times never falling.

The writer is whoever has the output (a job's supervisor), so logs need no ingestion and survive any kill.
Positions are byte offsets of lines: a million lines cost no more than ten.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote, unquote

FOLDER, FILE = "+", ".log"  # quote() never makes a "+": a folder and a file cannot have one name
BLOCK = 1 << 16


@dataclass(frozen=True)
class Event:
    """A log event and where its line starts and ends in the file."""

    milliseconds: int
    message: str
    start: int
    end: int


@dataclass(frozen=True)
class Stream:
    """A log stream; `first` and `last` are its events' times in unix milliseconds, None when it is empty."""

    name: str
    path: Path
    created: int
    first: int | None
    last: int | None
    size: int


class LogStreams:
    """The streams below one folder: a folder a group, the parts of a stream's name as folders below it."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def groups(self) -> list[str]:
        """The groups' names, sorted."""
        if not self._root.is_dir():
            return []
        return sorted(unquote(path.name.removesuffix(FOLDER)) for path in self._root.iterdir())

    def has_group(self, group: str) -> bool:
        """Whether the group is there."""
        return self._group(group).is_dir()

    def make_group(self, group: str) -> None:
        """Make the group if it is not there."""
        self._group(group).mkdir(parents=True, exist_ok=True)

    def path(self, group: str, stream: str) -> Path:
        """Where the stream's file lies or would lie."""
        *folders, last = stream.split("/")
        parts = [quote(part, safe="") + FOLDER for part in folders]
        return self._group(group).joinpath(*parts, quote(last, safe="") + FILE)

    def streams(self, group: str, prefix: str = "") -> Iterator[Stream]:
        """The group's streams whose names start with `prefix`, in no order."""
        above = prefix.rpartition("/")[0]
        base = self._group(group)
        start = base.joinpath(*[quote(part, safe="") + FOLDER for part in above.split("/")]) if above else base
        for folder, _, files in os.walk(start):
            parts = [unquote(part.removesuffix(FOLDER)) for part in Path(folder).relative_to(base).parts]
            for file in files:
                name = "/".join([*parts, unquote(file.removesuffix(FILE))])
                if name.startswith(prefix):
                    yield describe(name, Path(folder) / file)

    def _group(self, group: str) -> Path:
        return self._root / (quote(group, safe="") + FOLDER)


def describe(name: str, path: Path) -> Stream:
    """The stream's facts, from its first and last line and its size."""
    size = whole(path)
    first = next(forward(path, 0), None)
    last = next(backward(path, size), None)
    status = path.stat()
    if first is None or last is None:
        return Stream(name, path, int(status.st_mtime * 1000), None, None, status.st_size)
    return Stream(name, path, first.milliseconds, first.milliseconds, last.milliseconds, status.st_size)


def forward(path: Path, offset: int) -> Iterator[Event]:
    """Events from the line at `offset` on; a line still being written is not yet one."""
    with path.open("rb") as file:
        file.seek(offset)
        for line in file:
            if not line.endswith(b"\n"):
                return
            yield _event(line, offset)
            offset += len(line)


def backward(path: Path, offset: int) -> Iterator[Event]:
    """Events before the line at `offset`, the nearest first."""
    with path.open("rb") as file:
        rest = b""
        position = offset
        while position > 0:
            step = min(BLOCK, position)
            position -= step
            file.seek(position)
            lines = (file.read(step) + rest).splitlines(keepends=True)
            rest = lines[0] if position else b""
            for line in reversed(lines[1:] if position else lines):
                offset -= len(line)
                yield _event(line, offset)


def whole(path: Path) -> int:
    """The size of the file up to its last newline."""
    with path.open("rb") as file:
        position = file.seek(0, os.SEEK_END)
        while position > 0:
            step = min(BLOCK, position)
            position -= step
            file.seek(position)
            newline = file.read(step).rfind(b"\n")
            if newline >= 0:
                return position + newline + 1
    return 0


def offset_at(path: Path, milliseconds: int) -> int:
    """The offset of the first event at or after a time: a binary search over the bytes."""
    low, high = 0, whole(path)
    with path.open("rb") as file:
        while low < high:
            middle = (low + high) // 2
            start = _line_start(file, middle)
            file.seek(start)
            event = _event(file.readline(), start)
            if event.milliseconds < milliseconds:
                low = event.end
            else:
                high = start
    return low


def _line_start(file: BinaryIO, position: int) -> int:
    while position > 0:
        step = min(BLOCK, position)
        file.seek(position - step)
        newline = file.read(step).rfind(b"\n")
        if newline >= 0:
            return position - step + newline + 1
        position -= step
    return 0


def _event(line: bytes, start: int) -> Event:
    milliseconds, _, message = line.rstrip(b"\n").partition(b"\t")
    return Event(int(milliseconds), message.decode("utf-8", "replace"), start, start + len(line))
