"""CloudWatch Logs for clients that write their own: groups, streams, events, retention, tags."""

import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

DAY = 24 * 3600 * 1000


@pytest.fixture(scope="module")
def logs(client: Callable[..., Any]) -> Any:
    """A boto3 client."""
    return client("logs")


@pytest.fixture
def group(logs: Any) -> str:
    """A new group."""
    name = f"/test/{uuid.uuid4()}"
    logs.create_log_group(logGroupName=name)
    return name


def now() -> int:
    """Unix milliseconds."""
    return int(time.time() * 1000)


def put(logs: Any, group: str, stream: str, *events: tuple[int, str]) -> dict[str, Any]:
    """PutLogEvents, into a stream that is made if need be."""
    if not logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=stream)["logStreams"]:
        logs.create_log_stream(logGroupName=group, logStreamName=stream)
    batch = [{"timestamp": moment, "message": message} for moment, message in events]
    answer: dict[str, Any] = logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=batch)
    return answer


def got(logs: Any, group: str, stream: str, **options: Any) -> list[str]:
    """The messages of GetLogEvents, from the head."""
    answer = logs.get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True, **options)
    return [event["message"] for event in answer["events"]]


def refused(code: str, call: Callable[..., Any], **members: Any) -> str:
    """The message with which the call is refused."""
    with pytest.raises(ClientError) as error:
        call(**members)
    assert error.value.response["Error"]["Code"] == code
    return str(error.value.response["Error"]["Message"])


def test_a_group_is_made_described_and_deleted_with_all_that_is_in_it(logs: Any) -> None:
    name = f"/test/{uuid.uuid4()}"
    logs.create_log_group(logGroupName=name, tags={"a": "b"}, logGroupClass="INFREQUENT_ACCESS")
    (found,) = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    assert abs(found["creationTime"] - now()) < 60_000
    assert found["arn"] == f"arn:aws:logs:us-east-1:123456789012:log-group:{name}:*"
    assert (found["logGroupClass"], found["storedBytes"], found["metricFilterCount"]) == ("INFREQUENT_ACCESS", 0, 0)
    assert "retentionInDays" not in found
    refused("ResourceAlreadyExistsException", logs.create_log_group, logGroupName=name)
    put(logs, name, "s", (now(), "text"))
    assert logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"][0]["storedBytes"] == 4
    logs.delete_log_group(logGroupName=name)
    assert logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"] == []
    refused("ResourceNotFoundException", logs.delete_log_group, logGroupName=name)
    logs.create_log_group(logGroupName=name)
    assert logs.describe_log_streams(logGroupName=name)["logStreams"] == []


def test_groups_are_found_by_prefix_part_class_and_page(logs: Any) -> None:
    prefix = f"/p-{uuid.uuid4()}"
    for name in ("/one", "/two", "/three"):
        logs.create_log_group(logGroupName=prefix + name)
    pages = [*logs.get_paginator("describe_log_groups").paginate(
        logGroupNamePrefix=prefix, PaginationConfig={"PageSize": 2}
    )]  # fmt: skip
    assert [len(page["logGroups"]) for page in pages] == [2, 1]
    names = [group["logGroupName"] for page in pages for group in page["logGroups"]]
    assert names == [f"{prefix}/one", f"{prefix}/three", f"{prefix}/two"]
    part = prefix[1:].upper() + "/T"
    assert len(logs.describe_log_groups(logGroupNamePattern=part)["logGroups"]) == 2
    arn = f"arn:aws:logs:us-east-1:123456789012:log-group:{prefix}/one"
    assert [each["logGroupName"] for each in logs.describe_log_groups(logGroupIdentifiers=[arn])["logGroups"]] == [
        f"{prefix}/one"
    ]
    (listed, *_) = logs.list_log_groups(logGroupNamePattern=f"^{prefix}"[:24])["logGroups"]
    assert listed["logGroupArn"] == arn
    refused(
        "InvalidParameterException", logs.describe_log_groups, logGroupNamePrefix=prefix, logGroupNamePattern=prefix
    )


def test_a_protected_group_is_not_deleted(logs: Any, group: str) -> None:
    logs.put_log_group_deletion_protection(logGroupIdentifier=group, deletionProtectionEnabled=True)
    refused("ValidationException", logs.delete_log_group, logGroupName=group)
    logs.put_log_group_deletion_protection(logGroupIdentifier=group, deletionProtectionEnabled=False)
    logs.delete_log_group(logGroupName=group)


def test_names_that_aws_reserves_or_forbids_are_refused(logs: Any) -> None:
    refused("InvalidParameterException", logs.create_log_group, logGroupName="aws/mine")
    refused("InvalidParameterException", logs.create_log_group, logGroupName="with space")
    refused("InvalidParameterException", logs.create_log_stream, logGroupName="g", logStreamName="a:b")
    refused("ResourceNotFoundException", logs.create_log_stream, logGroupName="/no/such", logStreamName="s")


def test_events_come_back_in_order_of_time_however_they_were_put(logs: Any, group: str) -> None:
    start = now() - 10_000
    put(logs, group, "s", (start + 5, "third"), (start + 6, "fourth\nwith a second line"))
    answer = put(logs, group, "s", (start, "first"), (start + 5, "after the third"))
    assert len(answer["nextSequenceToken"]) == 56
    assert "rejectedLogEventsInfo" not in answer
    assert got(logs, group, "s") == ["first", "third", "after the third", "fourth\nwith a second line"]
    assert got(logs, group, "s", startTime=start + 5, endTime=start + 6) == ["third", "after the third"]
    (stream,) = logs.describe_log_streams(logGroupName=group)["logStreams"]
    assert (stream["firstEventTimestamp"], stream["lastEventTimestamp"]) == (start, start + 6)
    assert abs(stream["lastIngestionTime"] - now()) < 60_000
    assert stream["arn"].endswith(f"log-group:{group}:log-stream:s")


def test_both_tokens_lead_through_a_stream_and_new_events_come_behind_the_last(logs: Any, group: str) -> None:
    start = now() - 1000
    put(logs, group, "s", *[(start + number // 3, f"line {number}") for number in range(20)])
    whole = got(logs, group, "s")
    page = logs.get_log_events(logGroupName=group, logStreamName="s", limit=7)
    found: list[str] = []
    last = page["nextForwardToken"]
    while page["events"]:
        found = [event["message"] for event in page["events"]] + found
        page = logs.get_log_events(logGroupName=group, logStreamName="s", limit=7, nextToken=page["nextBackwardToken"])
    assert found == whole == [f"line {number}" for number in range(20)]
    behind = logs.get_log_events(logGroupName=group, logStreamName="s", nextToken=last)
    assert (behind["events"], behind["nextForwardToken"]) == ([], last)
    put(logs, group, "s", (start + 500, "later"))
    behind = logs.get_log_events(logGroupName=group, logStreamName="s", nextToken=last)
    assert [event["message"] for event in behind["events"]] == ["later"]


def test_a_tail_of_an_empty_stream_sees_what_comes(logs: Any, group: str) -> None:
    logs.create_log_stream(logGroupName=group, logStreamName="s")
    token = logs.get_log_events(logGroupName=group, logStreamName="s")["nextForwardToken"]
    put(logs, group, "s", (now(), "hello"))
    found = logs.get_log_events(logGroupName=group, logStreamName="s", nextToken=token)["events"]
    assert [event["message"] for event in found] == ["hello"]


def test_batches_that_break_the_rules_are_refused(logs: Any, group: str) -> None:
    logs.create_log_stream(logGroupName=group, logStreamName="s")
    start = now()

    def refusal(*events: tuple[int, str]) -> str:
        batch = [{"timestamp": moment, "message": message} for moment, message in events]
        return refused(
            "InvalidParameterException", logs.put_log_events, logGroupName=group, logStreamName="s", logEvents=batch
        )

    assert "must be in chronological order" in refusal((start, "b"), (start - 1, "a"))
    assert "cannot span more than 24 hours" in refusal((start - DAY - 1000, "a"), (start, "b"))
    assert "Upload too large: 1048577 bytes" in refusal((start, "x" * (1_048_576 - 25)))
    assert got(logs, group, "s") == []


def test_events_that_are_too_old_or_too_new_are_left_out_and_told(logs: Any, group: str) -> None:
    start = now()
    answer = put(logs, group, "s", (start - 15 * DAY, "old"), (start, "good"), (start + DAY, "new"))
    assert answer["rejectedLogEventsInfo"] == {"tooOldLogEventEndIndex": 1, "tooNewLogEventStartIndex": 2}
    assert got(logs, group, "s") == ["good"]


def test_events_older_than_the_retention_are_not_answered(logs: Any, group: str) -> None:
    start = now()
    put(logs, group, "s", (start - 2 * DAY, "of the day before yesterday"))
    put(logs, group, "s", (start, "of today"))
    logs.put_retention_policy(logGroupName=group, retentionInDays=1)
    assert logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]["retentionInDays"] == 1
    assert got(logs, group, "s") == ["of today"]
    assert [each["message"] for each in logs.filter_log_events(logGroupName=group)["events"]] == ["of today"]
    answer = put(logs, group, "s", (start - 2 * DAY, "expired at once"))
    assert answer["rejectedLogEventsInfo"] == {"expiredLogEventEndIndex": 1}
    logs.delete_retention_policy(logGroupName=group)
    assert "retentionInDays" not in logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]
    refused("InvalidParameterException", logs.put_retention_policy, logGroupName=group, retentionInDays=2)


def test_streams_are_listed_by_name_and_by_time_and_deleted(logs: Any, group: str) -> None:
    start = now() - 10_000
    for offset, name in ((3, "b"), (1, "a"), (2, "c/d")):
        put(logs, group, name, (start + 1000 * offset, "text"))

    def names(**options: Any) -> list[str]:
        pages = logs.get_paginator("describe_log_streams").paginate(
            logGroupName=group, PaginationConfig={"PageSize": 2}, **options
        )
        return [stream["logStreamName"] for page in pages for stream in page["logStreams"]]

    assert names() == ["a", "b", "c/d"]
    assert names(orderBy="LastEventTime", descending=True) == ["b", "c/d", "a"]
    assert names(logStreamNamePrefix="c/") == ["c/d"]
    refused("ResourceAlreadyExistsException", logs.create_log_stream, logGroupName=group, logStreamName="a")
    logs.delete_log_stream(logGroupName=group, logStreamName="a")
    assert names() == ["b", "c/d"]
    refused("ResourceNotFoundException", logs.delete_log_stream, logGroupName=group, logStreamName="a")
    refused("ResourceNotFoundException", logs.get_log_events, logGroupName=group, logStreamName="a")


def test_tags_by_the_old_and_the_new_operations(logs: Any, group: str) -> None:
    arn = f"arn:aws:logs:us-east-1:123456789012:log-group:{group}"
    logs.tag_resource(resourceArn=arn, tags={"a": "1", "b": "2"})
    logs.tag_log_group(logGroupName=group, tags={"b": "3"})
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {"a": "1", "b": "3"}
    logs.untag_resource(resourceArn=arn, tagKeys=["a", "absent"])
    assert logs.list_tags_log_group(logGroupName=group)["tags"] == {"b": "3"}
    logs.untag_log_group(logGroupName=group, tags=["b"])
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {}
    logs.tag_resource(resourceArn=arn, tags={str(number): "" for number in range(50)})
    refused("TooManyTagsException", logs.tag_resource, resourceArn=arn, tags={"one": "more"})
    refused("ResourceNotFoundException", logs.list_tags_for_resource, resourceArn=arn + "-none")


def test_what_was_put_outlives_a_kill(private_region: Any) -> None:
    logs = private_region.client("logs")
    logs.create_log_group(logGroupName="g")
    put(logs, "g", "s", (now(), "kept"))
    private_region.kill()
    private_region.start()
    assert got(logs, "g", "s") == ["kept"]
