"""A job's log lines."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import QuerySet

from apps.training.models import LogChunk, TrainingJob


@dataclass(frozen=True)
class LogLine:
    """One line of a job's log; `number` counts from 1 over all its streams, in the order they were fetched."""

    number: int
    at: datetime
    stream: str
    text: str


@dataclass(frozen=True)
class LogTail:
    """Some lines, the number of the last one, and whether there are more behind it."""

    lines: list[LogLine]
    last: int
    more: bool


def log_lines(job: TrainingJob, after: int = 0, limit: int = 1000) -> LogTail:
    """The lines behind line `after`, at most `limit`."""
    chunks = LogChunk.objects.filter(job=job, last_line__gt=after).select_related("stream")
    lines: list[LogLine] = []
    for line in _lines(chunks):
        if line.number > after:
            if len(lines) == limit:
                return LogTail(lines, lines[-1].number, True)
            lines.append(line)
    return LogTail(lines, lines[-1].number if lines else after, False)


def log_tail(job: TrainingJob, limit: int = 500) -> LogTail:
    """The last lines."""
    return log_lines(job, max(job.log_lines - limit, 0), limit)


def _lines(chunks: QuerySet[LogChunk]) -> Iterator[LogLine]:
    for chunk in chunks.iterator(chunk_size=1):
        for number, (milliseconds, text) in enumerate(chunk.lines, chunk.first_line):
            yield LogLine(number, datetime.fromtimestamp(milliseconds / 1000, UTC), chunk.stream.name, text)
