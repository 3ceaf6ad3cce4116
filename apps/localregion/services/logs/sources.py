"""A log stream to read from, whoever wrote it: a job's file, or rows that a client put.

A position is one whole number of at most 56 digits; reading goes forward or backward from it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from apps.localregion.compute import logstreams, timelines
from apps.localregion.errors import AwsError
from apps.localregion.region import Region
from apps.localregion.services.logs.groups import oldest
from apps.localregion.store.logs import LATEST, Key, Row, StoredLogs, StreamRow

HALF = 10**28  # a stored event's position is its time and its row, 28 digits each


@dataclass(frozen=True)
class Line:
    """A log event and the positions before and after it."""

    milliseconds: int
    ingested: int
    message: str
    start: int
    end: int


class Source(Protocol):
    """A stream that can be read."""

    @property
    def name(self) -> str:
        """The stream's name."""

    def at(self, milliseconds: int) -> int:
        """The position of the first event at or after a time."""

    def end(self) -> int:
        """The position behind the last event."""

    def snap(self, position: int) -> int:
        """The position as one between two events."""

    def lines(self, low: int, high: int, *, newest_first: bool = False) -> Iterator[Line]:
        """The events between two positions."""


@dataclass(frozen=True)
class FileSource:
    """What a training job printed."""

    name: str
    path: Path

    def at(self, milliseconds: int) -> int:
        """By binary search."""
        return logstreams.offset_at(self.path, milliseconds)

    def end(self) -> int:
        """Up to the last whole line."""
        return timelines.whole(self.path)

    def snap(self, position: int) -> int:
        """The start of the line."""
        return logstreams.line_at(self.path, position)

    def lines(self, low: int, high: int, *, newest_first: bool = False) -> Iterator[Line]:
        """As the file has them: taken in when they were printed."""
        read = logstreams.backward if newest_first else logstreams.forward
        for event in read(self.path, low, high):
            yield Line(event.milliseconds, event.milliseconds, event.message, event.start, event.end)


@dataclass(frozen=True)
class StoredSource:
    """What clients put."""

    name: str
    stream: StreamRow
    logs: StoredLogs

    def at(self, milliseconds: int) -> int:
        """Before every row of this time."""
        return max(0, milliseconds) * HALF

    def end(self) -> int:
        """Behind the last row; 0 for an empty stream, so that whatever comes lies behind it."""
        last = next(self.logs.rows(self.stream.id, (0, 0), LATEST, newest_first=True), None)
        return _position(last.key) + 1 if last else 0

    def snap(self, position: int) -> int:
        """Every number is between two rows."""
        return position

    def lines(self, low: int, high: int, *, newest_first: bool = False) -> Iterator[Line]:
        """By time and row."""
        for row in self.logs.rows(self.stream.id, _key(low), _key(high), newest_first=newest_first):
            yield _line(row)


def source(region: Region, group: str, name: str) -> Source:
    """The stream of this name; raises AwsError ResourceNotFoundException."""
    if region.jobs.logs.has_stream(group, name):
        return FileSource(name, region.jobs.logs.path(group, name))
    logs = StoredLogs(region.objects.database)
    stream = logs.stream(group, name)
    if stream is None:
        raise AwsError("ResourceNotFoundException", "The specified log stream does not exist.")
    return StoredSource(name, stream, logs)


def sources(region: Region, group: str, prefix: str = "") -> list[Source]:
    """Every stream of the group whose name starts with `prefix`, by name."""
    logs = StoredLogs(region.objects.database)
    files: list[Source] = [FileSource(name, path) for name, path in region.jobs.logs.streams(group, prefix)]
    stored: list[Source] = [StoredSource(each.name, each, logs) for each in logs.streams(group, prefix)]
    return sorted(files + stored, key=lambda each: each.name)


def bounds(region: Region, group: str, source: Source, start: int | None, end: int | None) -> tuple[int, int]:
    """The positions of a range of time, unix milliseconds, the end exclusive, within the group's retention."""
    earliest = max(start or 0, oldest(region, group))
    low = source.at(earliest) if earliest else 0
    return low, max(low, source.at(end)) if end is not None else source.end()


def _position(key: Key) -> int:
    return key[0] * HALF + key[1]


def _key(position: int) -> Key:
    moment, row = divmod(position, HALF)
    return min(moment, LATEST[0]), min(row, LATEST[1])


def _line(row: Row) -> Line:
    position = _position(row.key)
    return Line(row.key[0], row.ingested, row.message, position, position + 1)
