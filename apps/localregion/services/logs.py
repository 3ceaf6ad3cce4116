"""CloudWatch Logs: reading what jobs print."""

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from apps.localregion.compute import timelines
from apps.localregion.compute.logstreams import Event, backward, forward, line_at, offset_at
from apps.localregion.errors import AwsError
from apps.localregion.region import Region

PAGE = 50  # groups or streams, also the most (API reference)
LIMIT = 10_000  # events of one GetLogEvents answer, also the most
ANSWER_BYTES = 1 << 20
EVENT_OVERHEAD = 26  # bytes that CloudWatch Logs counts for an event beside its message
_TOKEN = re.compile(r"([fb])/(\d{1,56})")

Body = dict[str, Any]


def describe_log_groups(region: Region, request: Body) -> Body:
    """A page of the groups, by name."""
    prefix, pattern = request.get("logGroupNamePrefix", ""), request.get("logGroupNamePattern", "")
    names = [name for name in region.jobs.logs.groups() if name.startswith(prefix) and pattern.lower() in name.lower()]
    page, more = _page([(name, name) for name in names], request, False)
    return {"logGroups": [_group(region, name) for name in page], **more}


def describe_log_streams(region: Region, request: Body) -> Body:
    """A page of a group's streams, by name or by the time of their last event."""
    group = _group_name(region, request)
    prefix, order = request.get("logStreamNamePrefix", ""), request.get("orderBy", "LogStreamName")
    by_time = order == "LastEventTime"
    if by_time and prefix:
        raise AwsError("InvalidParameterException", "Cannot order by LastEventTime with a logStreamNamePrefix.")
    paths = dict(region.jobs.logs.streams(group, prefix))
    keyed = [(paths[name].stat().st_mtime if by_time else name, name) for name in paths]
    page, more = _page(keyed, request, request.get("descending", False))
    return {"logStreams": [_stream(region, group, name, paths[name]) for name in page], **more}


def get_log_events(region: Region, request: Body) -> Body:
    """A page of a stream's events, oldest first, and the tokens of the pages behind and before it."""
    group, stream = _group_name(region, request), request["logStreamName"]
    if not region.jobs.logs.has_stream(group, stream):
        raise AwsError("ResourceNotFoundException", "The specified log stream does not exist.")
    path = region.jobs.logs.path(group, stream)
    low = offset_at(path, request["startTime"]) if "startTime" in request else 0
    high = offset_at(path, request["endTime"]) if "endTime" in request else timelines.whole(path)
    way, at = _position(request, path, low, high)
    if way == "f":
        found = _cut(forward(path, at, high), request.get("limit", LIMIT))
    else:
        found = _cut(backward(path, low, at), request.get("limit", LIMIT))[::-1]
    return {
        "events": [
            {"timestamp": each.milliseconds, "message": each.message, "ingestionTime": each.milliseconds}
            for each in found
        ],
        "nextForwardToken": f"f/{found[-1].end if found else at:056d}",
        "nextBackwardToken": f"b/{found[0].start if found else at:056d}",
    }


def _position(request: Body, path: Path, low: int, high: int) -> tuple[str, int]:
    """Which way to read and from where, by the token or by startFromHead."""
    token = request.get("nextToken")
    if token is None:
        return ("f", low) if request.get("startFromHead", False) else ("b", high)
    match = _TOKEN.fullmatch(token)
    if match is None:
        raise AwsError("InvalidParameterException", "The specified nextToken is invalid.")
    offset = line_at(path, int(match[2]))
    return match[1], max(offset, low) if match[1] == "f" else min(offset, high)


def _cut(events: Iterable[Event], limit: int) -> list[Event]:
    """As many events as one answer holds."""
    found: list[Event] = []
    size = 0
    for event in events:
        size += len(event.message.encode()) + EVENT_OVERHEAD
        if len(found) == limit or (found and size > ANSWER_BYTES):
            break
        found.append(event)
    return found


def _group_name(region: Region, request: Body) -> str:
    """The group that is asked for by name or ARN; raises AwsError when it is not there."""
    name = request.get("logGroupName") or request.get("logGroupIdentifier", "").partition(":log-group:")[2]
    name = (name or request.get("logGroupIdentifier", "")).removesuffix(":*")
    if not name or not region.jobs.logs.has_group(name):
        raise AwsError("ResourceNotFoundException", "The specified log group does not exist.")
    return str(name)


def _group(region: Region, name: str) -> Body:
    arn = f"arn:aws:logs:{region.name}:{region.account}:log-group:{name}"
    return {
        "logGroupName": name,
        "creationTime": int(region.jobs.logs.created(name) * 1000),
        "metricFilterCount": 0,
        "arn": f"{arn}:*",
        "logGroupArn": arn,
        "logGroupClass": "STANDARD",
        "storedBytes": 0,
    }


def _stream(region: Region, group: str, name: str, path: Path) -> Body:
    end = timelines.whole(path)
    first, last = next(forward(path, 0, end), None), next(backward(path, 0, end), None)
    body: Body = {
        "logStreamName": name,
        "creationTime": first.milliseconds if first else int(path.stat().st_mtime * 1000),
        "arn": f"arn:aws:logs:{region.name}:{region.account}:log-group:{group}:log-stream:{name}",
        "storedBytes": 0,  # CloudWatch Logs always answers 0 (DescribeLogStreams in the API reference)
    }
    if first and last:
        body |= {
            "firstEventTimestamp": first.milliseconds,
            "lastEventTimestamp": last.milliseconds,
            "lastIngestionTime": last.milliseconds,
        }
    return body


def _page(keyed: list[tuple[Any, str]], request: Body, descending: bool) -> tuple[list[str], Body]:
    """Names in order, those behind the token, and the next token; raises AwsError for a bad token."""
    keyed.sort(reverse=descending)
    after = _read_token(request["nextToken"]) if "nextToken" in request else None
    if after is not None:
        behind: Callable[[Any], bool] = (lambda each: each < after) if descending else (lambda each: each > after)
        try:
            keyed = [each for each in keyed if behind(each)]
        except TypeError as error:
            raise _bad_token() from error
    limit = request.get("limit", PAGE)
    page = keyed[:limit]
    if len(keyed) <= limit:
        return [name for _, name in page], {}
    token = base64.urlsafe_b64encode(json.dumps(page[-1]).encode()).decode()
    return [name for _, name in page], {"nextToken": token}


def _read_token(token: str) -> tuple[Any, str]:
    try:
        key, name = json.loads(base64.urlsafe_b64decode(token))
    except (binascii.Error, ValueError, TypeError) as error:
        raise _bad_token() from error
    return key, name


def _bad_token() -> AwsError:
    return AwsError("InvalidParameterException", "The specified nextToken is invalid.")
