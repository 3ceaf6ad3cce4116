"""A job's log lines: by their numbers, by stream and level, and found by text, however many there are."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import F, QuerySet, TextField
from django.db.models.functions import Cast

from apps.training.loglevels import LEVELS, level_of
from apps.training.models import LogChunk, TrainingJob

# Line numbers from one to the other, both included.
Span = tuple[int, int]
# How many places a search names; it counts all of them.
MOST_FOUND = 10_000
TAB = "#011"


@dataclass(frozen=True)
class LogLine:
    """One line of a job's log; `number` counts from 1 over all its streams, in the order they were fetched."""

    number: int
    at: datetime
    stream: str
    text: str

    @property
    def level(self) -> str:
        """ "error", "warning" or nothing."""
        return level_of(self.text)


@dataclass(frozen=True)
class LogTail:
    """Some lines, the number of the last one, and whether there are more behind it."""

    lines: list[LogLine]
    last: int
    more: bool


@dataclass(frozen=True)
class FoundLines:
    """How many lines hold a text, and the numbers of the first of them."""

    count: int
    numbers: list[int]


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


def lines_in(job: TrainingJob, spans: Sequence[Span]) -> list[LogLine]:
    """The lines of these spans, in order; only the chunks that hold some of them are read."""
    wanted = sorted({number for first, last in spans for number in range(first, last + 1)})
    if not wanted:
        return []
    ends = LogChunk.objects.filter(job=job, last_line__gte=wanted[0], first_line__lte=wanted[-1])
    places = ends.values_list("pk", "first_line", "last_line")
    holding = [pk for pk, first, last in places if _between(wanted, first, last)]
    chunks = LogChunk.objects.filter(pk__in=holding).select_related("stream").order_by("last_line")
    return [
        _line(chunk, number)
        for chunk in chunks.iterator(chunk_size=10)
        for number in _between(wanted, chunk.first_line, chunk.last_line)
    ]


def _between(numbers: list[int], first: int, last: int) -> list[int]:
    return numbers[bisect_left(numbers, first) : bisect_right(numbers, last)]


def spans_of(job: TrainingJob, level: str = "", stream: str = "", after: int = 0) -> list[Span]:
    """Where the lines behind `after` are that are at least of this level, and of this stream; empty: of any."""
    if not level and not stream:
        return [(after + 1, job.log_lines)] if job.log_lines > after else []
    chunks = _chosen(job, stream).filter(last_line__gt=after)
    spans: list[list[int]] = []
    if level:
        places = (number for flags in chunks.values_list("flagged", flat=True) for number in _numbers(flags, level))
        pieces: Iterator[Span] = ((number, number) for number in places if number > after)
    else:
        pieces = ((max(first, after + 1), last) for first, last in chunks.values_list("first_line", "last_line"))
    for first, last in pieces:
        if spans and spans[-1][1] + 1 == first:
            spans[-1][1] = last
        else:
            spans.append([first, last])
    return [(first, last) for first, last in spans]


def log_search(job: TrainingJob, text: str, level: str = "", stream: str = "") -> FoundLines:
    """The lines that hold `text`, in any case of its letters."""
    wanted = text.lower().replace("\t", TAB)
    numbers: list[int] = []
    count = 0
    for chunk in _likely(_chosen(job, stream), wanted).iterator(chunk_size=20):
        allowed = set(_numbers(chunk.flagged, level)) if level else None
        for number, (_, line) in enumerate(chunk.lines, chunk.first_line):
            if wanted in line.lower() and (allowed is None or number in allowed):
                count += 1
                if count <= MOST_FOUND:
                    numbers.append(number)
    return FoundLines(count, numbers)


def stream_names(job: TrainingJob) -> list[str]:
    """The names of its log streams, one an instance."""
    return sorted(job.log_streams.values_list("name", flat=True))


def _chosen(job: TrainingJob, stream: str) -> QuerySet[LogChunk]:
    chunks = LogChunk.objects.filter(job=job)
    return chunks.filter(stream__name=stream) if stream else chunks


def _likely(chunks: QuerySet[LogChunk], wanted: str) -> QuerySet[LogChunk]:
    """Those that may hold the text, by the database itself where its letters stand in JSON as they are."""
    if not wanted.isascii() or not wanted.isprintable() or set(wanted) & {'"', "\\"}:
        return chunks
    return chunks.annotate(raw=Cast(F("lines"), TextField())).filter(raw__icontains=wanted)


def _numbers(flags: dict[str, list[int]], level: str) -> list[int]:
    """The lines of at least this level, in order."""
    levels = LEVELS[: LEVELS.index(level) + 1]
    return sorted(number for each in levels for number in flags.get(each, ()))


def _lines(chunks: QuerySet[LogChunk]) -> Iterator[LogLine]:
    for chunk in chunks.iterator(chunk_size=1):
        for number in range(chunk.first_line, chunk.last_line + 1):
            yield _line(chunk, number)


def _line(chunk: LogChunk, number: int) -> LogLine:
    milliseconds, text = chunk.lines[number - chunk.first_line]
    return LogLine(number, datetime.fromtimestamp(milliseconds / 1000, UTC), chunk.stream.name, text)
