"""A user's own image: a folder in S3 that becomes a virtual environment, or a container where an engine runs."""

import io
import zipfile

import pytest
from botocore.exceptions import ClientError

from apps.localregion.images.container import engines
from tests.region.conftest import RegionProcess
from tests.region.trainer import BUCKET, Trainer

TRAIN = """#!/usr/bin/env python
import json, os, sys
from pathlib import Path
import tiny

base = Path(os.environ["SAGEMAKER_BASE_DIR"])
given = json.loads((base / "input/config/hyperparameters.json").read_text())
lines = (base / "input/data/train/part-0.csv").read_text().splitlines()
print(f"rows={len(lines)};")
if "fail" in given:
    (base / "output/failure").write_text("the forest burns")
    sys.exit(7)
(base / "model/model.json").write_text(json.dumps([tiny.NAME, sys.argv[0], Path("beside.txt").read_text()]))
"""


@pytest.fixture(scope="module")
def trainer(region: RegionProcess) -> Trainer:
    """The shared region with an image in its S3."""
    started = Trainer(region)
    wheel = io.BytesIO()
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("tiny.py", "NAME = 'tiny'\n")
        archive.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        archive.writestr("tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr("tiny-1.0.dist-info/RECORD", "")
    started.s3.put_object(Bucket=BUCKET, Key="images/forest/tiny-1.0-py3-none-any.whl", Body=wheel.getvalue())
    started.put("images/forest/requirements.txt", "./tiny-1.0-py3-none-any.whl\n")
    started.put("images/forest/beside.txt", "beside")
    started.put("images/forest/train", TRAIN)
    return started


def start(trainer: Trainer, image: str, **hyperparameters: str) -> str:
    """Create a job with the image; answers its name."""
    request = trainer.request(
        AlgorithmSpecification={
            "TrainingImage": image,
            "TrainingInputMode": "File",
            "MetricDefinitions": [{"Name": "rows", "Regex": "rows=(.*?);"}],
        },
        HyperParameters=hyperparameters,
    )
    trainer.sagemaker.create_training_job(**request)
    name: str = request["TrainingJobName"]
    return name


def test_a_folder_in_s3_is_an_image_with_its_own_packages(trainer: Trainer) -> None:
    image = f"venv+s3://{BUCKET}/images/forest/"
    name, failing = start(trainer, image), start(trainer, image, fail="yes")
    job = trainer.wait(name)
    assert job["TrainingJobStatus"] == "Completed", job["FailureReason"]
    model = trainer.artifact(job["ModelArtifacts"]["S3ModelArtifacts"])["model.json"]
    assert b'["tiny", "' in model
    assert model.endswith(b'train", "beside"]')
    assert [metric["Value"] for metric in job["FinalMetricDataList"]] == [426]
    assert trainer.wait(failing)["FailureReason"] == "AlgorithmError: the forest burns, exit code: 7"


def test_an_image_that_cannot_be_made_says_why(trainer: Trainer) -> None:
    nothing = start(trainer, f"venv+s3://{BUCKET}/images/none/")
    trainer.put("images/bare/train", "print('no first line')\n")
    bare = start(trainer, f"venv+s3://{BUCKET}/images/bare/")
    reason = trainer.wait(nothing)["FailureReason"]
    assert reason.startswith("ClientError: The image has no program 'train'. It has: nothing")
    reason = trainer.wait(bare)["FailureReason"]
    assert reason.startswith("ClientError: The image's program 'train' cannot be started (Exec format error)")


@pytest.mark.parametrize("image", ["123456789012.dkr.ecr.us-east-1.amazonaws.com/mine:1", "mine:latest"])
def test_a_container_image_needs_an_engine(trainer: Trainer, image: str) -> None:
    if engines.find() is None:
        with pytest.raises(ClientError, match="Others need podman or Docker, and neither runs here"):
            start(trainer, image)
    else:
        assert trainer.wait(start(trainer, image))["TrainingJobStatus"] == "Failed"  # no engine has such an image
