"""FilterLogEvents over the wire: patterns, many streams in one order, pages."""

import json
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

LINES = (
    "[ERROR 400] BAD REQUEST",
    "[ERROR 401] UNAUTHORIZED REQUEST",
    "[ERROR 419] MISSING ARGUMENTS",
    "[INFO] all is well",
)
COLUMNS = '127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534'
RECORD = {
    "eventType": "UpdateTrail",
    "sourceIPAddress": "111.111.111.111",
    "arrayKey": ["value", "another value"],
    "objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}],
    "SomeObject": None,
    "cluster.name": "c",
    "latency": 7.5,
}


@pytest.fixture(scope="module")
def logs(client: Callable[..., Any]) -> Any:
    """A boto3 client."""
    return client("logs")


@pytest.fixture(scope="module")
def start() -> int:
    """Unix milliseconds of the first event."""
    return int(time.time() * 1000) - 60_000


@pytest.fixture(scope="module")
def group(logs: Any, start: int) -> str:
    """A group of three streams, whose events lie in between each other's."""
    name = f"/filter/{uuid.uuid4()}"
    logs.create_log_group(logGroupName=name)
    messages = [*LINES, COLUMNS, json.dumps(RECORD)]
    for stream, offset in (("a/1", 0), ("a/2", 1), ("b", 2)):
        logs.create_log_stream(logGroupName=name, logStreamName=stream)
        events = [
            {"timestamp": start + 3 * number + offset, "message": message} for number, message in enumerate(messages)
        ]
        logs.put_log_events(logGroupName=name, logStreamName=stream, logEvents=events)
    return name


def found(logs: Any, group: str, **options: Any) -> list[dict[str, Any]]:
    """Every event that FilterLogEvents answers."""
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, **options)
    return [event for page in pages for event in page["events"]]


@pytest.mark.parametrize(
    ("pattern", "numbers"),
    [
        ("", [0, 1, 2, 3]),
        ('" "', [0, 1, 2, 3]),
        ("ERROR", [0, 1, 2]),
        ("error", []),
        ("AUTHORIZED", []),
        ("ERROR REQUEST", [0, 1]),
        ("ERROR -REQUEST", [2]),
        ("-ERROR", [3]),
        ("?BAD ?MISSING", [0, 2]),
        ("?BAD ?MISSING INFO", [3]),
        ('"BAD REQUEST"', [0]),
        ('"[ERROR 401]"', [1]),
        ('-"BAD REQUEST" REQUEST', [1]),
        ("%4[0-9]1%", [1]),
        (r"%^\[ERROR\s4\d{2}\]%", [0, 1, 2]),
        ("%BAD|MISSING%", [0, 2]),
        ("ERROR -%REQUEST$%", [2]),
    ],
)
def test_terms_are_words_and_phrases(logs: Any, group: str, start: int, pattern: str, numbers: list[int]) -> None:
    events = found(logs, group, filterPattern=pattern, logStreamNames=["b"], endTime=start + 11)
    assert [LINES.index(event["message"]) for event in events] == numbers


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        ('{ $.eventType = "UpdateTrail" }', True),
        ('{ $.eventType = "Create*" }', False),
        ('{ $.eventType = "Up*ail" }', True),
        ("{ $.sourceIPAddress != 123.123.* }", True),
        ('{ $.arrayKey[0] = "value" }', True),
        ("{ $.arrayKey[7] = value }", False),
        ("{ $.objectList[*].id >= 2 }", True),
        ("{ $.['cluster.name'] = \"c\" }", True),
        ("{ $.SomeObject IS NULL }", True),
        ("{ $.SomeOtherObject NOT EXISTS }", True),
        ("{ $.latency > 7 && $.latency <= 7.5 }", True),
        ("{ ($.latency < 7 || $.eventType = UpdateTrail) && $.objectList[1].id = 2 }", True),
        ("{ $.latency < 7 || $.eventType = UpdateTrail && $.objectList[1].id = 3 }", False),
        (r"{ $.sourceIPAddress = %^1{3}\.1{1,3}\.% }", True),
        ("{ $.eventType != %Trail$% }", False),
        ("{ $.eventType = %^Create|^Update% && $.latency = %7.5% }", True),
    ],
)
def test_json_is_matched_by_its_values(logs: Any, group: str, pattern: str, fits: bool) -> None:
    events = found(logs, group, filterPattern=pattern, logStreamNames=["b"])
    assert [json.loads(event["message"]) for event in events] == ([RECORD] if fits else [])


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        ("[ip, user, username, timestamp, request, status_code, bytes]", True),
        ("[ip, user, username, timestamp, request = *.html*, status_code = 4*, bytes]", True),
        ("[ip, user, username, timestamp, request, status_code = 410 || status_code = 404, bytes]", True),
        ("[ip, user, username, timestamp, request, status_code = 404 && status_code > 404, bytes]", False),
        ("[..., status_code = 404, bytes > 1500]", True),
        ("[ip = 10.*, ...]", False),
        ("[ip, user = Prod, ..., bytes]", True),
        (r"[ip = %127\.0\.0\.[1-9]%, ...]", True),
        ("[..., status_code = %^4[0-9]{1,2}$%, bytes]", True),
        ("[..., status_code != %^4%, bytes]", False),
    ],
)
def test_columns_are_matched_by_their_places(logs: Any, group: str, pattern: str, fits: bool) -> None:
    events = found(logs, group, filterPattern=pattern, logStreamNames=["a/1"])
    assert (COLUMNS in [event["message"] for event in events]) is fits


@pytest.mark.parametrize(
    "pattern",
    [
        *("{ $.a }", "{ $.a = 1", "[a = ]", 'a"b', "{ $.a > text }", "%a!%", "%(a)%", "%[a%", "{ $.a > %1% }"),
        "[a = %1%, b = %2%, c = %3%]",
    ],
)
def test_a_pattern_that_cannot_be_read_is_refused(logs: Any, group: str, pattern: str) -> None:
    with pytest.raises(ClientError, match=r"InvalidParameterException.*Invalid filter pattern"):
        logs.filter_log_events(logGroupName=group, filterPattern=pattern)


def test_events_of_many_streams_come_in_one_order_page_by_page(logs: Any, group: str, start: int) -> None:
    whole = found(logs, group)
    assert [event["timestamp"] for event in whole] == [start + number for number in range(18)]
    assert [event["logStreamName"] for event in whole[:4]] == ["a/1", "a/2", "b", "a/1"]
    assert len({event["eventId"] for event in whole}) == 18
    assert found(logs, group, PaginationConfig={"PageSize": 4}) == whole
    assert found(logs, group, startFromHead=False, PaginationConfig={"PageSize": 4}) == whole[::-1]
    some = found(logs, group, filterPattern="ERROR", PaginationConfig={"PageSize": 2})
    assert some == [event for event in whole if "ERROR" in event["message"]]


def test_streams_and_times_bound_the_events(logs: Any, group: str, start: int) -> None:
    assert {event["logStreamName"] for event in found(logs, group, logStreamNamePrefix="a/")} == {"a/1", "a/2"}
    bounded = found(logs, group, startTime=start + 2, endTime=start + 4)
    assert [event["timestamp"] - start for event in bounded] == [2, 3, 4]
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        logs.filter_log_events(logGroupName=group, logStreamNames=["none"])
    with pytest.raises(ClientError, match="mutually exclusive"):
        logs.filter_log_events(logGroupName=group, logStreamNames=["b"], logStreamNamePrefix="a")
    with pytest.raises(ClientError, match="nextToken is invalid"):
        logs.filter_log_events(logGroupName=group, nextToken="forged")
