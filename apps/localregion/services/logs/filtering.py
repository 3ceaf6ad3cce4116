"""FilterLogEvents: the events of many streams in one order, those that fit a pattern."""

import base64
import binascii
import hashlib
import heapq
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from apps.localregion.errors import AwsError
from apps.localregion.region import Region
from apps.localregion.services.logs.events import ANSWER_BYTES, EVENT_OVERHEAD, LIMIT
from apps.localregion.services.logs.groups import group_name
from apps.localregion.services.logs.pages import bad_token
from apps.localregion.services.logs.patterns import compile_pattern
from apps.localregion.services.logs.sources import Line, Source, bounds, source, sources

LOOKED_AT = 100_000  # events of one call; more of them come with the next token

Body = dict[str, Any]


class Range(NamedTuple):
    """A range of time, unix milliseconds, the end exclusive, and the way through it."""

    start: int | None
    before: int | None
    newest_first: bool


class Place(NamedTuple):
    """Where an event comes in the answer's order: negative numbers when the newest come first."""

    time: int
    stream: str
    position: int


def filter_log_events(region: Region, request: Body) -> Body:
    """A page of events, oldest first unless startFromHead is false."""
    name = group_name(region, request)
    matches = compile_pattern(request.get("filterPattern", ""))
    limit = request.get("limit", LIMIT)
    events: list[Body] = []
    size = looked_at = 0
    last: Place | None = None
    after = _read_token(request["nextToken"]) if "nextToken" in request else None
    for place, line in _merged(region, name, _streams(region, name, request), _range(request, after)):
        if after is not None and place <= after:
            continue
        fits = matches(line.message)
        size += len(line.message.encode()) + EVENT_OVERHEAD if fits else 0
        full = fits and (len(events) == limit or (bool(events) and size > ANSWER_BYTES))
        if full or looked_at == LOOKED_AT:
            return {"events": events, "searchedLogStreams": [], "nextToken": _make_token(last)}
        looked_at, last = looked_at + 1, place
        if fits:
            events.append(_event(name, place.stream, line))
    return {"events": events, "searchedLogStreams": []}


def _range(request: Body, after: Place | None) -> Range:
    """The times to look at: those of the request, less what the pages before have shown."""
    start, end = request.get("startTime"), request.get("endTime")
    newest_first = not request.get("startFromHead", True)
    before = None if end is None else end + 1  # an event at endTime itself is answered too
    if after is not None and newest_first:
        before = min(1 - after.time, before or 1 - after.time)
    elif after is not None:
        start = max(after.time, start or 0)
    return Range(start, before, newest_first)


def _streams(region: Region, group: str, request: Body) -> list[Source]:
    names, prefix = request.get("logStreamNames"), request.get("logStreamNamePrefix", "")
    if names and prefix:
        message = "logStreamNames and logStreamNamePrefix are mutually exclusive parameters."
        raise AwsError("InvalidParameterException", message)
    return [source(region, group, each) for each in dict.fromkeys(names)] if names else sources(region, group, prefix)


def _merged(region: Region, group: str, streams: list[Source], span: Range) -> Iterator[tuple[Place, Line]]:
    """Events in order; a stream is open only from its first event on to its last, as there may be very many."""

    def read(stream: Source) -> Iterator[tuple[Place, Line]]:
        low, high = bounds(region, group, stream, span.start, span.before)
        for line in stream.lines(low, high, newest_first=span.newest_first):
            yield _place(stream, line, span.newest_first), line

    waiting: list[tuple[Place, int, Line, Iterator[tuple[Place, Line]] | None]] = []
    for index, stream in enumerate(streams):
        first = next(read(stream), None)
        if first is not None:
            waiting.append((first[0], index, first[1], None))
    heapq.heapify(waiting)
    while waiting:
        place, index, line, opened = heapq.heappop(waiting)
        yield place, line
        if opened is None:
            opened = read(streams[index])
            next(opened, None)
        following = next(opened, None)
        if following is not None:
            heapq.heappush(waiting, (following[0], index, following[1], opened))


def _place(stream: Source, line: Line, newest_first: bool) -> Place:
    sign = -1 if newest_first else 1
    return Place(sign * line.milliseconds, stream.name, sign * line.start)


def _event(group: str, stream: str, line: Line) -> Body:
    digest = hashlib.sha256(f"{group}\n{stream}\n{line.start}".encode()).digest()
    return {
        "logStreamName": stream,
        "timestamp": line.milliseconds,
        "message": line.message,
        "ingestionTime": line.ingested,
        "eventId": f"{line.milliseconds:020d}{int.from_bytes(digest[:14]):036d}"[:56],
    }


def _make_token(place: Place | None) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def _read_token(token: str) -> Place:
    try:
        time, stream, position = json.loads(base64.urlsafe_b64decode(token))
    except (binascii.Error, ValueError, TypeError) as error:
        raise bad_token() from error
    if not isinstance(time, int) or not isinstance(stream, str) or not isinstance(position, int):
        raise bad_token()
    return Place(time, stream, position)
