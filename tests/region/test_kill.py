"""kill -9 of each process around a job, at any moment: nothing is lost, run twice or left behind."""

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.region.conftest import RegionProcess
from tests.region.trainer import BUCKET, WAIT_SECONDS, Trainer

INTERNAL = "InternalServerError: We encountered an internal error. Please try again."


@pytest.fixture
def trainer(private_region: RegionProcess) -> Iterator[Trainer]:
    """A region of the test's own, with data in its S3; whatever still runs in it ends with the test."""
    made = Trainer(private_region)
    yield made
    for record in (private_region.home / "jobs").glob("*/*.json"):
        if record.name in ("supervisor.json", "training.json"):
            end(json.loads(record.read_text())["pid"])


def end(pid: int) -> None:
    """SIGKILL, if it is there."""
    if pid and psutil.pid_exists(pid):
        os.kill(pid, signal.SIGKILL)


def wait_until_gone(pid: int) -> None:
    """Wait for the end of a process."""
    psutil.Process(pid).wait(WAIT_SECONDS) if psutil.pid_exists(pid) else None
    assert not psutil.pid_exists(pid)


def wait_for_file(path: Path) -> None:
    """Wait until the file is there."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not path.exists():
        assert time.monotonic() < deadline, f"no {path.name}"
        time.sleep(0.02)


def test_a_job_goes_on_without_its_region_and_is_adopted_again(trainer: Trainer) -> None:
    name = trainer.start_long()
    pid = trainer.pid(name, "training")
    trainer.region.kill()
    assert psutil.Process(pid).is_running()
    trainer.region.start()
    assert trainer.describe(name)["SecondaryStatus"] == "Training"
    assert trainer.pid(name, "training") == pid
    trainer.sagemaker.stop_training_job(TrainingJobName=name)
    assert trainer.wait(name)["TrainingJobStatus"] == "Stopped"
    assert not psutil.pid_exists(pid)


def test_a_job_that_ended_while_the_region_was_dead_is_finished_from_its_exit_record(trainer: Trainer) -> None:
    name = trainer.start({"num_round": "400"})
    wait_for_file(trainer.folder(name) / "training.json")
    trainer.region.kill()
    wait_for_file(trainer.folder(name) / "exit.json")
    trainer.region.start()
    job = trainer.wait(name)
    assert job["TrainingJobStatus"] == "Completed"
    assert trainer.booster(job).num_boosted_rounds() == 400
    assert [step["Status"] for step in job["SecondaryStatusTransitions"]][-3:] == [
        "Training",
        "Uploading",
        "Completed",
    ]


def test_a_region_that_is_killed_again_and_again_loses_no_job_and_runs_none_twice(trainer: Trainer) -> None:
    names = []
    for pause in (0.0, 0.05, 0.1, 0.2, 0.4):
        names.append(trainer.start({"num_round": "30"}))
        time.sleep(pause)  # not to wait for anything: the kill is to come at different moments
        trainer.region.kill()
        trainer.region.start()
    for name in names:
        job = trainer.wait(name)
        assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
        assert trainer.booster(job).num_boosted_rounds() == 30
        assert sum("[0]#011" in line for line in trainer.lines(name)) == 1


def test_a_job_whose_supervisor_is_killed_fails_and_leaves_no_process(trainer: Trainer) -> None:
    name = trainer.start_long()
    training = trainer.pid(name, "training")
    os.kill(trainer.pid(name, "supervisor"), signal.SIGKILL)
    job = trainer.wait(name)
    assert (job["TrainingJobStatus"], job["FailureReason"]) == ("Failed", INTERNAL)
    wait_until_gone(training)


def test_a_job_whose_claim_is_damaged_fails_and_harms_no_other(trainer: Trainer) -> None:
    name = trainer.start_long()
    training = trainer.pid(name, "training")
    (trainer.folder(name) / "supervisor.json").write_text("{")
    job = trainer.wait(name)
    assert (job["TrainingJobStatus"], job["FailureReason"]) == ("Failed", INTERNAL)
    wait_until_gone(training)
    trainer.sagemaker.delete_training_job(TrainingJobName=name)
    assert trainer.train()["TrainingJobStatus"] == "Completed"


def test_a_job_of_several_instances_whose_supervisor_is_killed_leaves_none_of_them(trainer: Trainer) -> None:
    name = trainer.start_long(ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 2})
    programs = [trainer.pid(name, "training"), trainer.pid(name, "algo-2/training")]
    os.kill(trainer.pid(name, "supervisor"), signal.SIGKILL)
    job = trainer.wait(name)
    assert (job["TrainingJobStatus"], job["FailureReason"]) == ("Failed", INTERNAL)
    for pid in programs:
        wait_until_gone(pid)


def test_a_job_that_may_be_retried_begins_again_after_a_reboot_from_its_checkpoints(trainer: Trainer) -> None:
    name = trainer.start_long(
        RetryStrategy={"MaximumRetryAttempts": 1},
        CheckpointConfig={"S3Uri": f"s3://{BUCKET}/points"},
    )
    deadline = time.monotonic() + WAIT_SECONDS
    while not trainer.s3.list_objects_v2(Bucket=BUCKET, Prefix="points/").get("Contents"):
        assert time.monotonic() < deadline, "no checkpoint came to S3"
        time.sleep(0.1)
    pids = [trainer.pid(name, "supervisor"), trainer.pid(name, "training")]
    trainer.region.kill()
    for pid in pids:
        end(pid)
        wait_until_gone(pid)
    trainer.region.start()
    trainer.wait_for_lines(name, "Resuming from iteration ")
    assert trainer.describe(name)["TrainingJobStatus"] == "InProgress"
    trainer.sagemaker.stop_training_job(TrainingJobName=name)
    job = trainer.wait(name)
    assert job["TrainingJobStatus"] == "Stopped"
    assert "Restarting" in [step["Status"] for step in job["SecondaryStatusTransitions"]]


def test_a_job_killed_with_all_else_as_by_a_reboot_fails_at_the_next_start(trainer: Trainer) -> None:
    name = trainer.start_long()
    pids = [trainer.pid(name, "supervisor"), trainer.pid(name, "training")]
    trainer.region.kill()
    for pid in pids:
        end(pid)
        wait_until_gone(pid)
    trainer.region.start()
    job = trainer.wait(name)
    assert (job["TrainingJobStatus"], job["FailureReason"]) == ("Failed", INTERNAL)


def test_a_training_program_that_is_killed_fails_its_job_with_exit_code_137(trainer: Trainer) -> None:
    name = trainer.start_long()
    os.kill(trainer.pid(name, "training"), signal.SIGKILL)
    job = trainer.wait(name)
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("AlgorithmError: ")
    assert job["FailureReason"].endswith(", exit code: 137")


def test_a_stop_asked_before_a_crash_is_carried_out_after_it(trainer: Trainer) -> None:
    name = trainer.start_long()
    trainer.sagemaker.stop_training_job(TrainingJobName=name)
    trainer.region.kill()
    trainer.region.start()
    assert trainer.wait(name)["TrainingJobStatus"] == "Stopped"


def test_a_clean_end_of_the_region_leaves_its_jobs_running(trainer: Trainer) -> None:
    name = trainer.start_long()
    pid = trainer.pid(name, "training")
    trainer.region.stop()
    assert psutil.Process(pid).is_running()
    trainer.region.start()
    assert trainer.describe(name)["TrainingJobStatus"] == "InProgress"


def test_two_regions_never_work_on_one_home(trainer: Trainer) -> None:
    from tests.region.conftest import free_port

    second = RegionProcess(trainer.region.home, free_port())
    with pytest.raises(AssertionError, match="the region ended"):
        second.start()
