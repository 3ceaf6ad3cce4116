"""Jobs that may be interrupted: checkpoints, spot training, retries, warm pools."""

import os
import signal
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.region.conftest import RegionProcess
from tests.region.trainer import BUCKET, LASTING, WAIT_SECONDS, Trainer, channel

RESOURCES = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10}


@pytest.fixture(scope="module")
def trainer(region: RegionProcess) -> Trainer:
    """The shared region with data in its S3."""
    return Trainer(region)


def keys(trainer: Trainer, prefix: str) -> list[str]:
    """The keys below a prefix, without it."""
    found = trainer.s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
    return [each["Key"].removeprefix(prefix) for each in found]


def refused(trainer: Trainer, **changes: Any) -> str:
    """The message with which CreateTrainingJob refuses a request as invalid."""
    with pytest.raises(ClientError) as caught:
        trainer.sagemaker.create_training_job(**trainer.request(**changes))
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    return str(caught.value)


def test_a_stopped_spot_job_goes_on_from_its_checkpoint(trainer: Trainer) -> None:
    spot = {
        "EnableManagedSpotTraining": True,
        "CheckpointConfig": {"S3Uri": f"s3://{BUCKET}/points"},
        "StoppingCondition": {"MaxRuntimeInSeconds": 600, "MaxWaitTimeInSeconds": 700},
    }
    name = trainer.start_long(**spot)
    deadline = time.monotonic() + WAIT_SECONDS
    while not keys(trainer, "points/"):
        assert time.monotonic() < deadline, "no checkpoint came to S3 while the job ran"
        time.sleep(0.1)
    trainer.sagemaker.stop_training_job(TrainingJobName=name)
    assert trainer.wait(name)["EnableManagedSpotTraining"] is True
    last = max(int(key.rpartition(".")[2]) for key in keys(trainer, "points/"))
    job = trainer.train({"num_round": str(last + 4)}, **spot)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert job["CheckpointConfig"] == {"S3Uri": f"s3://{BUCKET}/points", "LocalPath": "/opt/ml/checkpoints"}
    assert job["BillableTimeInSeconds"] <= job["TrainingTimeInSeconds"]
    rounds = [line for line in trainer.lines(job["TrainingJobName"]) if "#011train-" in line]
    assert [line.partition("#011")[0] for line in rounds] == [f"[{last + number}]" for number in (1, 2, 3)]
    assert trainer.booster(job).num_boosted_rounds() == last + 4


def test_a_spot_job_waits_no_longer_than_its_owner(trainer: Trainer) -> None:
    job = trainer.train(
        LASTING,
        EnableManagedSpotTraining=True,
        StoppingCondition={"MaxRuntimeInSeconds": 3, "MaxWaitTimeInSeconds": 3},
    )
    assert job["TrainingJobStatus"] == "Stopped"
    assert job["SecondaryStatus"] in ("MaxWaitTimeExceeded", "MaxRuntimeExceeded")
    assert (job["TrainingEndTime"] - job["CreationTime"]).total_seconds() >= 3


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"EnableManagedSpotTraining": True}, "MaxWaitTimeInSeconds must be specified"),
        (
            {"StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 90}},
            "EnableManagedSpotTraining must be true",
        ),
        (
            {
                "EnableManagedSpotTraining": True,
                "StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 30},
            },
            "Invalid MaxWaitTimeInSeconds",
        ),
        (
            {"CheckpointConfig": {"S3Uri": f"s3://{BUCKET}/points", "LocalPath": "/home/me"}},
            "CheckpointConfig.LocalPath=/home/me must be a folder below /opt/ml",
        ),
    ],
)
def test_times_and_paths_that_make_no_sense_are_refused(trainer: Trainer, changes: dict[str, Any], why: str) -> None:
    assert why in refused(trainer, **changes)


def test_a_job_is_retried_after_an_internal_error_as_often_as_it_says(trainer: Trainer) -> None:
    name = trainer.start_long(RetryStrategy={"MaximumRetryAttempts": 1})
    seen = set()
    for _ in range(2):
        deadline = time.monotonic() + WAIT_SECONDS
        while (trainer.folder(name) / "training.json").exists() is False or trainer.pid(name, "supervisor") in seen:
            assert time.monotonic() < deadline, "the job was not begun again"
            time.sleep(0.05)
        seen.add(trainer.pid(name, "supervisor"))
        os.kill(trainer.pid(name, "supervisor"), signal.SIGKILL)
    job = trainer.wait(name)
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("InternalServerError: ")
    assert [step["Status"] for step in job["SecondaryStatusTransitions"]].count("Restarting") == 1
    assert len(seen) == 2


def test_a_failure_of_the_program_is_not_retried(trainer: Trainer) -> None:
    job = trainer.train({"max_depth": "deep"}, RetryStrategy={"MaximumRetryAttempts": 3})
    assert job["TrainingJobStatus"] == "Failed"
    assert "Restarting" not in [step["Status"] for step in job["SecondaryStatusTransitions"]]


def test_a_warm_pool_is_kept_reused_and_ended(trainer: Trainer) -> None:
    warm: dict[str, Any] = {"ResourceConfig": {**RESOURCES, "KeepAlivePeriodInSeconds": 600}}
    first = trainer.train(**warm)
    assert first["WarmPoolStatus"]["Status"] == "Available"
    with pytest.raises(ClientError, match="ResourceInUse"):
        trainer.sagemaker.delete_training_job(TrainingJobName=first["TrainingJobName"])
    listed = trainer.sagemaker.list_training_jobs(WarmPoolStatusEquals="Available", MaxResults=100)
    names = [each["TrainingJobName"] for each in listed["TrainingJobSummaries"]]
    assert first["TrainingJobName"] in names
    other = trainer.train(ResourceConfig={**RESOURCES, "InstanceType": "ml.c5.xlarge", "KeepAlivePeriodInSeconds": 600})
    assert trainer.describe(first["TrainingJobName"])["WarmPoolStatus"]["Status"] == "Available"
    second = trainer.train(**warm)
    reused = trainer.describe(first["TrainingJobName"])["WarmPoolStatus"]
    assert (reused["Status"], reused["ReusedByJob"]) == ("Reused", second["TrainingJobName"])
    for job in (second, other):
        name = job["TrainingJobName"]
        trainer.sagemaker.update_training_job(TrainingJobName=name, ResourceConfig={"KeepAlivePeriodInSeconds": 0})
        assert trainer.describe(name)["WarmPoolStatus"]["Status"] == "Terminated"
        trainer.sagemaker.delete_training_job(TrainingJobName=name)


def test_a_job_without_a_warm_pool_has_none_to_update(trainer: Trainer) -> None:
    job = trainer.train({"max_depth": "deep"})
    assert "WarmPoolStatus" not in job
    with pytest.raises(ClientError, match=r"\(ValidationException\).*warm pool"):
        trainer.sagemaker.update_training_job(
            TrainingJobName=job["TrainingJobName"], ResourceConfig={"KeepAlivePeriodInSeconds": 60}
        )
    with pytest.raises(ClientError, match="Requested resource not found"):
        trainer.sagemaker.update_training_job(
            TrainingJobName="no-such-job", ResourceConfig={"KeepAlivePeriodInSeconds": 60}
        )


def test_tensorboard_logs_of_no_program_change_nothing(trainer: Trainer) -> None:
    job = trainer.train(
        InputDataConfig=[channel("train", f"s3://{BUCKET}/cancer/train/")],
        TensorBoardOutputConfig={"S3OutputPath": f"s3://{BUCKET}/boards"},
    )
    assert job["TrainingJobStatus"] == "Completed"
    assert job["TensorBoardOutputConfig"]["LocalPath"] == "/opt/ml/output/tensorboard"
    assert keys(trainer, "boards/") == []
