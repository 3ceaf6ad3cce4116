"""CloudWatch Logs over the wire: what a job prints, page by page."""

import functools
import timeit
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from apps.localregion.compute.logstreams import LogStreams
from tests.region.conftest import RegionProcess
from tests.region.trainer import GROUP, Trainer

MILLION = 1_000_000


@pytest.fixture(scope="module")
def trainer(region: RegionProcess) -> Trainer:
    """The shared region with data in its S3."""
    return Trainer(region)


@pytest.fixture(scope="module")
def stream(trainer: Trainer) -> str:
    """The log stream of a job that has ended."""
    job = trainer.train()
    streams = trainer.logs.describe_log_streams(logGroupName=GROUP, logStreamNamePrefix=f"{job['TrainingJobName']}/")[
        "logStreams"
    ]
    assert len(streams) == 1
    name: str = streams[0]["logStreamName"]
    return name


def events(trainer: Trainer, stream: str, **options: Any) -> dict[str, Any]:
    """GetLogEvents of the stream."""
    found: dict[str, Any] = trainer.logs.get_log_events(logGroupName=GROUP, logStreamName=stream, **options)
    return found


def messages(answer: dict[str, Any]) -> list[str]:
    """The messages of an answer."""
    return [event["message"] for event in answer["events"]]


def fastest(call: Callable[[], object]) -> float:
    """Seconds of the fastest of some calls: what else the machine does is left out."""
    return min(timeit.repeat(call, number=1, repeat=5))


def test_a_stream_is_named_after_its_job_and_host_and_has_its_times(trainer: Trainer, stream: str) -> None:
    job, _, host = stream.partition("/")
    assert host.startswith("algo-1-")
    assert host.removeprefix("algo-1-").isdecimal()
    found = trainer.logs.describe_log_streams(logGroupName=GROUP, logStreamNamePrefix=stream)["logStreams"][0]
    whole = events(trainer, stream, startFromHead=True)["events"]
    assert found["firstEventTimestamp"] == whole[0]["timestamp"]
    assert found["lastEventTimestamp"] == whole[-1]["timestamp"]
    created = trainer.describe(job)["CreationTime"].timestamp() * 1000
    assert created - 1 <= whole[0]["timestamp"] < created + 60_000


def test_forward_pages_join_to_the_whole_and_end_with_the_same_token(trainer: Trainer, stream: str) -> None:
    whole = messages(events(trainer, stream, startFromHead=True))
    found: list[str] = []
    page = events(trainer, stream, startFromHead=True, limit=4)
    while page["events"]:
        found += messages(page)
        token = page["nextForwardToken"]
        page = events(trainer, stream, nextToken=token, limit=4)
    assert found == whole
    assert len(whole) > 12
    assert page["nextForwardToken"] == token


def test_backward_pages_join_to_the_whole_and_end_with_the_same_token(trainer: Trainer, stream: str) -> None:
    whole = messages(events(trainer, stream, startFromHead=True))
    found: list[str] = []
    page = events(trainer, stream, limit=5)
    while page["events"]:
        found = messages(page) + found
        token = page["nextBackwardToken"]
        page = events(trainer, stream, nextToken=token, limit=5)
    assert found == whole
    assert page["nextBackwardToken"] == token


def test_a_time_range_includes_its_start_and_not_its_end(trainer: Trainer, stream: str) -> None:
    whole = events(trainer, stream, startFromHead=True)["events"]
    start, end = whole[3]["timestamp"], whole[-1]["timestamp"]
    found = events(trainer, stream, startFromHead=True, startTime=start, endTime=end)["events"]
    assert found == [event for event in whole if start <= event["timestamp"] < end]


def test_a_running_jobs_lines_come_while_it_runs(trainer: Trainer) -> None:
    name = trainer.start_long()
    assert trainer.describe(name)["TrainingJobStatus"] == "InProgress"
    trainer.sagemaker.stop_training_job(TrainingJobName=name)
    trainer.wait(name)


def test_streams_come_in_pages_and_orders(trainer: Trainer, stream: str) -> None:
    trainer.train()
    pages = trainer.logs.get_paginator("describe_log_streams").paginate
    newest = [
        each
        for page in pages(logGroupName=GROUP, orderBy="LastEventTime", descending=True)
        for each in page["logStreams"]
    ]
    times = [each["lastEventTimestamp"] for each in newest if "lastEventTimestamp" in each]
    assert len(times) >= 2
    assert times == sorted(times, reverse=True)
    names = [
        each["logStreamName"]
        for page in pages(logGroupName=GROUP, PaginationConfig={"PageSize": 1})
        for each in page["logStreams"]
    ]
    assert names == sorted(each["logStreamName"] for each in newest)


def test_what_is_not_there_is_answered_as_on_aws(trainer: Trainer, stream: str) -> None:
    with pytest.raises(ClientError, match=r"ResourceNotFoundException.*The specified log group does not exist"):
        trainer.logs.describe_log_streams(logGroupName="/aws/none")
    with pytest.raises(ClientError, match=r"ResourceNotFoundException.*The specified log stream does not exist"):
        events(trainer, "no-such-job/algo-1-1")
    with pytest.raises(ClientError, match=r"InvalidParameterException.*nextToken is invalid"):
        events(trainer, stream, nextToken="f/forged")
    groups = trainer.logs.describe_log_groups(logGroupNamePrefix="/aws/sagemaker/")["logGroups"]
    assert [group["logGroupName"] for group in groups] == [GROUP]


def test_a_token_into_the_middle_of_a_line_answers_whole_lines(trainer: Trainer, stream: str) -> None:
    whole = messages(events(trainer, stream, startFromHead=True))
    assert messages(events(trainer, stream, nextToken="f/5")) == whole
    assert messages(events(trainer, stream, nextToken=f"f/{'9' * 56}")) == []


def test_lines_are_found_among_a_million_without_reading_them_all(trainer: Trainer, region: RegionProcess) -> None:
    path = LogStreams(region.home / "logs").path(GROUP, "long/algo-1-1")
    path.parent.mkdir(parents=True)
    with path.open("w") as file:
        file.writelines(f"{1_700_000_000_000 + number}\tline {number}\n" for number in range(MILLION))
    asked: list[dict[str, Any]] = [{"limit": 2}, {"startTime": 1_700_000_500_000, "startFromHead": True, "limit": 1}]
    last, middle = (messages(events(trainer, "long/algo-1-1", **options)) for options in asked)
    assert last == [f"line {MILLION - 2}", f"line {MILLION - 1}"]
    assert middle == ["line 500000"]
    reading = fastest(lambda: path.read_text().splitlines())
    for options in asked:
        assert fastest(functools.partial(events, trainer, "long/algo-1-1", **options)) < reading
    assert len(events(trainer, "long/algo-1-1", startFromHead=True)["events"]) == 10_000
