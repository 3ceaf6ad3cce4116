"""Volumes under a kms key: what the job reads and writes never lies on the disk."""

import os
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from apps.localregion.compute import volumes
from tests.region.conftest import RegionProcess
from tests.region.trainer import Trainer

MARK = "17.99,10.38,122.8,1001"  # of the data's first row


@pytest.fixture(scope="module")
def trainer(region: RegionProcess) -> Trainer:
    """The shared region with data in its S3."""
    return Trainer(region)


@pytest.fixture(scope="module")
def encrypted(trainer: Trainer) -> dict[str, Any]:
    """Resources whose volume has a key of its own."""
    key = trainer.region.client("kms").create_key()["KeyMetadata"]["Arn"]
    return {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10, "VolumeKmsKeyId": key}


def on_disk(trainer: Trainer, name: str) -> list[str]:
    """The files of the job's folder that hold a row of its data, links not followed."""
    files = [Path(path) / file for path, _, files in os.walk(trainer.folder(name)) for file in files]
    return [str(file) for file in files if MARK in file.read_text(errors="replace")]


def in_memory(trainer: Trainer, name: str) -> bool:
    """Whether the job's volume lies in memory."""
    link = trainer.folder(name) / "opt"
    return link.is_symlink() and volumes.MEMORY in link.resolve().parents


def test_the_volume_of_a_running_job_is_not_on_the_disk_and_goes_with_its_end(
    trainer: Trainer, encrypted: dict[str, Any]
) -> None:
    name = trainer.start_long(ResourceConfig=encrypted)
    volume = (trainer.folder(name) / "opt").resolve()
    assert in_memory(trainer, name)
    assert any(MARK in path.read_text() for path in (volume / "ml/input/data/train").iterdir())
    assert on_disk(trainer, name) == []
    trainer.sagemaker.stop_training_job(TrainingJobName=name)
    job = trainer.wait(name)
    assert job["TrainingJobStatus"] == "Stopped"
    assert job["ResourceConfig"] == encrypted
    assert not volume.exists()
    assert not volume.parent.exists()


def test_a_job_on_an_encrypted_volume_leaves_its_model(trainer: Trainer, encrypted: dict[str, Any]) -> None:
    job = trainer.train(ResourceConfig=encrypted)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert trainer.booster(job).num_boosted_rounds() == 12
    assert not os.path.lexists(trainer.folder(job["TrainingJobName"]) / "opt")


def test_a_job_whose_volume_is_gone_fails_and_leaves_no_empty_model(
    trainer: Trainer, encrypted: dict[str, Any]
) -> None:
    name = trainer.start_long(ResourceConfig=encrypted)
    volume = (trainer.folder(name) / "opt").resolve().parent
    supervisor = trainer.pid(name, "supervisor")
    os.kill(supervisor, signal.SIGSTOP)  # as when the machine starts anew: neither processes nor memory are left
    shutil.rmtree(volume)
    os.kill(supervisor, signal.SIGKILL)
    job = trainer.wait(name)
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("InternalServerError: ")
    assert "ModelArtifacts" not in job


def test_a_key_that_cannot_be_used_is_refused(trainer: Trainer, encrypted: dict[str, Any]) -> None:
    kms = trainer.region.client("kms")
    disabled = kms.create_key()["KeyMetadata"]["Arn"]
    kms.disable_key(KeyId=disabled)
    for key, told in ((disabled, "is disabled"), ("alias/none", "is not found")):
        request = trainer.request(ResourceConfig={**encrypted, "VolumeKmsKeyId": key})
        with pytest.raises(ClientError, match=rf"ValidationException.*VolumeKmsKeyId cannot be used: .*{told}"):
            trainer.sagemaker.create_training_job(**request)
