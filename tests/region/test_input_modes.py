"""Every way of bringing data to a program, and both ways of keeping its model."""

import gzip
import json
from typing import Any

import numpy as np
import pytest
import xgboost
from botocore.exceptions import ClientError

from tests.region.conftest import RegionProcess
from tests.region.trainer import BUCKET, TRAIN_ROWS, Trainer, breast_cancer, channel


@pytest.fixture(scope="module")
def trainer(region: RegionProcess) -> Trainer:
    """The shared region with data in its S3: in two files, in two compressed ones, and manifests of them."""
    made = Trainer(region)
    lines = breast_cancer()[0].splitlines(keepends=True)
    for number in range(2):
        part = "".join(lines[number::2])
        made.put(f"modes/plain/{number}.csv", part)
        made.s3.put_object(Bucket=BUCKET, Key=f"modes/zipped/{number}.csv.gz", Body=gzip.compress(part.encode()))
    made.put("modes/whole.manifest", json.dumps([{"prefix": f"s3://{BUCKET}/modes/plain/"}, "0.csv", "1.csv"]))
    made.put("modes/half.manifest", json.dumps([{"prefix": f"s3://{BUCKET}/modes/"}, "plain/1.csv"]))
    return made


def rows(trainer: Trainer, **changes: Any) -> int:
    """Train on a channel; answers on how many rows."""
    made = channel("train", f"s3://{BUCKET}/modes/plain/")
    made["DataSource"]["S3DataSource"].update(changes.pop("source", {}))
    job = trainer.train({"num_round": "2"}, InputDataConfig=[{**made, **changes}])
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    (line,) = [each for each in trainer.lines(job["TrainingJobName"]) if "Train matrix has" in each]
    return int(line.partition("Train matrix has ")[2].split()[0])


def manifest(name: str) -> dict[str, str]:
    """The source of a manifest."""
    return {"S3DataType": "ManifestFile", "S3Uri": f"s3://{BUCKET}/modes/{name}.manifest"}


@pytest.mark.parametrize("mode", ["File", "FastFile", "Pipe"])
def test_each_input_mode_brings_all_rows(trainer: Trainer, mode: str) -> None:
    assert rows(trainer, InputMode=mode) == TRAIN_ROWS


def test_the_algorithms_input_mode_is_that_of_its_channels(trainer: Trainer) -> None:
    algorithm = {**trainer.request()["AlgorithmSpecification"], "TrainingInputMode": "Pipe"}
    job = trainer.train({"num_round": "2"}, AlgorithmSpecification=algorithm)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")


def test_manifests_choose_files(trainer: Trainer) -> None:
    assert rows(trainer, source=manifest("whole")) == TRAIN_ROWS
    assert rows(trainer, source=manifest("half")) == TRAIN_ROWS // 2


def test_compressed_files_come_through_the_pipe_as_their_contents(trainer: Trainer) -> None:
    source = {"S3Uri": f"s3://{BUCKET}/modes/zipped/"}
    zipped = {"InputMode": "Pipe", "CompressionType": "Gzip", "ShuffleConfig": {"Seed": 1}}
    assert rows(trainer, source=source, **zipped) == TRAIN_ROWS


@pytest.mark.parametrize(
    ("source", "changes", "why"),
    [
        ({}, {"CompressionType": "Gzip"}, "CompressionType=Gzip of channel train needs the input mode Pipe"),
        ({}, {"RecordWrapperType": "RecordIO"}, "RecordWrapperType=RecordIO of channel train needs the input mode"),
        ({"AttributeNames": ["a"]}, {}, "AttributeNames goes with the S3DataType AugmentedManifestFile"),
        (manifest("whole"), {"InputMode": "FastFile"}, "S3DataType=ManifestFile of channel train is not supported"),
        (
            {**manifest("whole"), "S3DataType": "AugmentedManifestFile", "AttributeNames": ["a"]},
            {},
            "AugmentedManifestFile of channel train needs the input mode Pipe",
        ),
        (manifest("none"), {}, "No S3 objects found under S3 URL"),
    ],
)
def test_channels_that_make_no_sense_are_refused(
    trainer: Trainer, source: dict[str, Any], changes: dict[str, Any], why: str
) -> None:
    made = channel("train", f"s3://{BUCKET}/modes/plain/")
    made["DataSource"]["S3DataSource"].update(source)
    with pytest.raises(ClientError, match=r"\(ValidationException\)") as caught:
        trainer.start(InputDataConfig=[{**made, **changes}])
    assert why in str(caught.value)


def test_a_model_may_be_kept_unpacked(trainer: Trainer) -> None:
    output = {"S3OutputPath": f"s3://{BUCKET}/models", "CompressionType": "NONE"}
    job = trainer.train(OutputDataConfig=output)
    name = job["TrainingJobName"]
    assert job["ModelArtifacts"]["S3ModelArtifacts"] == f"s3://{BUCKET}/models/{name}/output/model/"
    assert job["OutputDataConfig"] == output
    model = trainer.s3.get_object(Bucket=BUCKET, Key=f"models/{name}/output/model/xgboost-model")["Body"].read()
    data = xgboost.DMatrix(np.loadtxt(breast_cancer()[1].splitlines(), delimiter=",")[:, 1:])
    assert len(xgboost.Booster(model_file=bytearray(model)).predict(data)) == 143


def test_a_model_under_a_kms_key_is_encrypted_and_read_again(trainer: Trainer) -> None:
    job = trainer.train(OutputDataConfig={"S3OutputPath": f"s3://{BUCKET}/models", "KmsKeyId": "alias/aws/s3"})
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    stored = trainer.s3.head_object(Bucket=BUCKET, Key=f"models/{job['TrainingJobName']}/output/model.tar.gz")
    assert stored["ServerSideEncryption"] == "aws:kms"
    assert stored["SSEKMSKeyId"].startswith("arn:aws:kms:")
    assert trainer.booster(job).num_boosted_rounds() == 12


def test_encrypted_input_comes_as_its_contents(trainer: Trainer) -> None:
    body = breast_cancer()[0].encode()
    trainer.s3.put_object(Bucket=BUCKET, Key="modes/sealed/a.csv", Body=body, ServerSideEncryption="aws:kms")
    assert rows(trainer, source={"S3Uri": f"s3://{BUCKET}/modes/sealed/"}) == TRAIN_ROWS
