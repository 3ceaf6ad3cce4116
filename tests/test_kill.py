"""`kill -9` of each part in turn while a job trains: the part comes back, the job completes, nothing is lost."""

import os
import signal
from collections.abc import Iterator

import pytest

from tests.jobs import DART, LASTING, Jobs
from tests.stack import PARTS, Stack, own_database, until

# What a job takes that is to be disturbed: enough to see it train and to kill a part meanwhile.
SECONDS = 8.0


@pytest.fixture(scope="module")
def victim() -> Iterator[Jobs]:
    """One console whose parts are killed one after the other, with data to train on."""
    running = Stack(extra=own_database())
    try:
        running.start()
        running.wait_until_healthy()
        yield Jobs(running)
    finally:
        running.remove()


@pytest.fixture(scope="module")
def train(victim: Jobs) -> str:
    """The S3 URI of the data."""
    return victim.upload()


@pytest.fixture(scope="module")
def rounds(victim: Jobs, train: str) -> int:
    """The rounds of the jobs that are disturbed."""
    return victim.rounds_that_last(train, SECONDS)


@pytest.mark.parametrize("part", PARTS)
def test_a_killed_part_comes_back_and_the_job_completes_whole(victim: Jobs, train: str, rounds: int, part: str) -> None:
    name = victim.launch(train, rounds, **DART)
    victim.wait_for_rounds(name)
    before = victim.stack.kill(part)
    victim.stack.wait_for_another(part, before)
    victim.stack.wait_until_healthy()
    job = victim.wait_for_end(name)
    assert (job["status"], job["failure_reason"]) == ("Completed", None)
    assert job["model_s3_uri"].startswith("s3://")
    victim.assert_whole(name, rounds)
    assert f"{part} was ended by SIGKILL; starting it again in" in victim.stack.output


def test_all_parts_killed_at_once_come_back_and_the_job_completes_whole(victim: Jobs, train: str, rounds: int) -> None:
    name = victim.launch(train, rounds, **DART)
    victim.wait_for_rounds(name)
    before = {part: victim.stack.kill(part) for part in PARTS}
    for part, pid in before.items():
        victim.stack.wait_for_another(part, pid)
    victim.stack.wait_until_healthy()
    assert victim.wait_for_end(name)["status"] == "Completed"
    victim.assert_whole(name, rounds)


def test_a_job_launched_while_the_region_is_away_is_submitted_once_when_it_is_back(victim: Jobs, train: str) -> None:
    region = victim.stack.pid("region")
    os.kill(region, signal.SIGSTOP)
    try:
        name = victim.launch(train, 20)
    finally:
        victim.stack.kill("region")
    assert victim.wait_for_end(name)["status"] == "Completed"
    victim.assert_whole(name, 20)
    sagemaker = victim.stack.client("sagemaker")
    listed = sagemaker.list_training_jobs(NameContains=name)["TrainingJobSummaries"]
    assert [job["TrainingJobName"] for job in listed] == [name]


def test_after_a_killed_up_the_next_one_ends_what_was_left_and_the_job_completes_whole(
    victim: Jobs, train: str, rounds: int
) -> None:
    stack = victim.stack
    name = victim.launch(train, rounds, **DART)
    victim.wait_for_rounds(name)
    left = {part: stack.pid(part) for part in PARTS}
    assert stack.up is not None
    stack.up.kill()
    stack.up.wait()
    stack.start()
    stack.wait_until_healthy()
    assert all(stack.pid(part) != pid for part, pid in left.items())
    assert "ended region, left running by an up that was killed" in stack.output
    assert victim.wait_for_end(name)["status"] == "Completed"
    victim.assert_whole(name, rounds)


def test_ctrl_c_leaves_the_job_training_and_the_next_up_finds_it(victim: Jobs, train: str) -> None:
    stack = victim.stack
    name = victim.launch(train, LASTING, **DART)
    victim.wait_for_rounds(name)
    assert stack.stop() == 0
    training = [process for process in stack.processes() if name in " ".join(process.cmdline())]
    assert training, "the job's processes are gone"
    stack.start()
    stack.wait_until_healthy()
    before = len(victim.rounds(name))
    until(lambda: len(victim.rounds(name)) > before or None, 150, "the job goes on")
    victim.stop(name)
    assert victim.wait_for_end(name)["status"] == "Stopped"
    rounds = victim.rounds(name)
    assert rounds == list(range(len(rounds)))
