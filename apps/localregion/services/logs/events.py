"""Log events: put by clients, and read page by page.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
"""

import re
import time
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from apps.localregion.errors import AwsError
from apps.localregion.region import Region
from apps.localregion.services.logs.groups import DAY, group, group_name, oldest
from apps.localregion.services.logs.pages import bad_token
from apps.localregion.services.logs.sources import Line, Source, StoredSource, bounds, source

LIMIT = 10_000  # events of one answer, also the most
ANSWER_BYTES = 1 << 20
BATCH_BYTES = 1_048_576
EVENT_OVERHEAD = 26  # bytes that CloudWatch Logs counts for an event beside its message
TOO_NEW, TOO_OLD, LONGEST_SPAN = 2 * DAY // 24, 14 * DAY, DAY  # milliseconds
_TOKEN = re.compile(r"([fb])/(\d{1,56})")

Body = dict[str, Any]


def put_log_events(region: Region, request: Body) -> Body:
    """Add a batch to a stream; what is too old or too new is left out and told."""
    name = request["logGroupName"]
    group(region, name)
    stream = source(region, name, request["logStreamName"])
    if not isinstance(stream, StoredSource):
        raise AwsError("InvalidParameterException", "A training job writes this log stream: use one of your own.")
    events = [(each["timestamp"], each["message"]) for each in request["logEvents"]]
    _check_batch(events)
    now = int(time.time() * 1000)
    expired, too_old = oldest(region, name), now - TOO_OLD
    accepted = [event for event in events if max(expired, too_old) <= event[0] <= now + TOO_NEW]
    _check_span(accepted)
    if accepted and not stream.logs.append(stream.stream.id, accepted):
        raise AwsError("ResourceNotFoundException", "The specified log stream does not exist.")
    counts = {
        "tooNewLogEventStartIndex": sum(moment <= now + TOO_NEW for moment, _ in events),
        "tooOldLogEventEndIndex": sum(moment < too_old for moment, _ in events),
        "expiredLogEventEndIndex": sum(too_old <= moment < expired for moment, _ in events),
    }
    rejected = {
        member: counts[member] + (counts["tooOldLogEventEndIndex"] if member.startswith("expired") else 0)
        for member, nothing in zip(counts, (len(events), 0, 0), strict=True)
        if counts[member] != nothing
    }
    answer: Body = {"nextSequenceToken": f"{now:056d}"}
    if "entity" in request:
        answer["rejectedEntityInfo"] = {"errorType": "UnsupportedLogGroupType"}
    return {**answer, **({"rejectedLogEventsInfo": rejected} if rejected else {})}


def get_log_events(region: Region, request: Body) -> Body:
    """A page of a stream's events, oldest first, and the tokens of the pages behind and before it."""
    name = group_name(region, request)
    stream = source(region, name, request["logStreamName"])
    low, high = bounds(region, name, stream, request.get("startTime"), request.get("endTime"))
    way, at = _position(request, stream, low, high)
    if way == "f":
        found = cut(stream.lines(at, high), request.get("limit", LIMIT))
    else:
        found = cut(stream.lines(low, at, newest_first=True), request.get("limit", LIMIT))[::-1]
    return {
        "events": [
            {"timestamp": each.milliseconds, "message": each.message, "ingestionTime": each.ingested} for each in found
        ],
        "nextForwardToken": f"f/{found[-1].end if found else at:056d}",
        "nextBackwardToken": f"b/{found[0].start if found else at:056d}",
    }


def cut(lines: Iterable[Line], limit: int) -> list[Line]:
    """As many events as one answer holds."""
    found: list[Line] = []
    size = 0
    for line in lines:
        size += len(line.message.encode()) + EVENT_OVERHEAD
        if len(found) == limit or (found and size > ANSWER_BYTES):
            break
        found.append(line)
    return found


def _position(request: Body, stream: Source, low: int, high: int) -> tuple[str, int]:
    """Which way to read and from where, by the token or by startFromHead."""
    token = request.get("nextToken")
    if token is None:
        return ("f", low) if request.get("startFromHead", False) else ("b", high)
    match = _TOKEN.fullmatch(token)
    if match is None:
        raise bad_token()
    position = stream.snap(int(match[2]))
    return match[1], max(position, low) if match[1] == "f" else min(position, high)


def _check_batch(events: list[tuple[int, str]]) -> None:
    size = sum(len(message.encode()) + EVENT_OVERHEAD for _, message in events)
    if size > BATCH_BYTES:
        message = f"Upload too large: {size} bytes exceeds limit of {BATCH_BYTES}"
        raise AwsError("InvalidParameterException", message)
    if any(later[0] < earlier[0] for earlier, later in pairwise(events)):
        message = "Log events in a single PutLogEvents request must be in chronological order."
        raise AwsError("InvalidParameterException", message)


def _check_span(events: list[tuple[int, str]]) -> None:
    if events and events[-1][0] - events[0][0] > LONGEST_SPAN:
        message = "The batch of log events in a single PutLogEvents request cannot span more than 24 hours."
        raise AwsError("InvalidParameterException", message)
