"""Trains on a region in tests: real data in S3, jobs made, watched and waited for by boto3."""

import io
import itertools
import json
import tarfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import xgboost
from sklearn.datasets import load_breast_cancer

from tests.region.conftest import RegionProcess

BUCKET = "training"
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
ROLE = "arn:aws:iam::123456789012:role/mlconsole-execution"
GROUP = "/aws/sagemaker/TrainingJobs"
ACTIVE = ("InProgress", "Stopping")
WAIT_SECONDS = 240.0
TRAIN_ROWS = 426
# Each round of dart is slower than the one before: no machine ever gets to the end.
LASTING = {"num_round": "1000000", "booster": "dart", "rate_drop": "0.1"}

_numbers = itertools.count(int(time.time()))


def breast_cancer() -> tuple[str, str]:
    """Label-first CSV of scikit-learn's breast cancer data: 426 rows to train on and 143 to validate with."""
    features, labels = load_breast_cancer(return_X_y=True)
    table = np.column_stack([labels, features])
    lines = [",".join(f"{value:g}" for value in row) for row in table]
    return "\n".join(lines[:TRAIN_ROWS]) + "\n", "\n".join(lines[TRAIN_ROWS:]) + "\n"


class Trainer:
    """One region's clients and a bucket with the breast cancer data."""

    def __init__(self, region: RegionProcess) -> None:
        self.region = region
        self.sagemaker = region.client("sagemaker")
        self.s3 = region.client("s3")
        self.logs = region.client("logs")
        self.s3.create_bucket(Bucket=BUCKET)
        train, validation = breast_cancer()
        self.put("cancer/train/part-0.csv", train)
        self.put("cancer/validation/part-0.csv", validation)

    def put(self, key: str, text: str) -> str:
        """Store a text; answers the S3 address of its folder."""
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=text.encode())
        return f"s3://{BUCKET}/{key.rpartition('/')[0]}/"

    def request(self, **changes: Any) -> dict[str, Any]:
        """A CreateTrainingJob request that trains in about a second, with changes."""
        return {
            "TrainingJobName": f"job-{next(_numbers)}",
            "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
            "RoleArn": ROLE,
            "HyperParameters": {"num_round": "12", "objective": "binary:logistic", "eval_metric": "auc"},
            "InputDataConfig": [
                channel("train", f"s3://{BUCKET}/cancer/train/"),
                channel("validation", f"s3://{BUCKET}/cancer/validation/"),
            ],
            "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/models"},
            "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
            "StoppingCondition": {"MaxRuntimeInSeconds": 600},
            **changes,
        }

    def start(self, hyperparameters: dict[str, str] | None = None, **changes: Any) -> str:
        """Create a job; answers its name."""
        request = self.request(**changes)
        request["HyperParameters"] = {**request["HyperParameters"], **(hyperparameters or {})}
        self.sagemaker.create_training_job(**request)
        name: str = request["TrainingJobName"]
        return name

    def start_long(self, **changes: Any) -> str:
        """Create a job that ends when it is told, and wait until it reports metrics."""
        name = self.start(LASTING, **changes)
        self.wait_for_lines(name)
        return name

    def describe(self, name: str) -> dict[str, Any]:
        """The job as the region describes it."""
        described: dict[str, Any] = self.sagemaker.describe_training_job(TrainingJobName=name)
        return described

    def wait(self, name: str) -> dict[str, Any]:
        """The job once it has ended."""
        deadline = time.monotonic() + WAIT_SECONDS
        while (job := self.describe(name))["TrainingJobStatus"] in ACTIVE:
            assert time.monotonic() < deadline, f"{name} is still {job['SecondaryStatus']}"
            time.sleep(0.05)
        return job

    def train(self, hyperparameters: dict[str, str] | None = None, **changes: Any) -> dict[str, Any]:
        """Create a job and wait until it has ended."""
        return self.wait(self.start(hyperparameters, **changes))

    def lines(self, name: str) -> list[str]:
        """The job's log: of all its instances and attempts."""
        streams = self.logs.describe_log_streams(logGroupName=GROUP, logStreamNamePrefix=f"{name}/")["logStreams"]
        return [
            event["message"]
            for stream in streams
            for event in self.logs.get_log_events(
                logGroupName=GROUP, logStreamName=stream["logStreamName"], startFromHead=True
            )["events"]
        ]

    def wait_for_lines(self, name: str, mark: str = "#011train-") -> None:
        """Wait until the job has printed a line with `mark`."""
        deadline = time.monotonic() + WAIT_SECONDS
        while not any(mark in line for line in self.lines(name)):
            assert time.monotonic() < deadline, f"{name} prints nothing: {self.describe(name)['SecondaryStatus']}"
            time.sleep(0.05)

    def artifact(self, address: str) -> dict[str, bytes]:
        """The files of a tar.gz in S3."""
        bucket, _, key = address.removeprefix("s3://").partition("/")
        body = self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        with tarfile.open(fileobj=io.BytesIO(body)) as archive:
            return {member.name: archive.extractfile(member).read() for member in archive if member.isfile()}  # type: ignore[union-attr]  # a file has content

    def booster(self, job: dict[str, Any]) -> xgboost.Booster:
        """The model of a finished job."""
        return xgboost.Booster(
            model_file=bytearray(self.artifact(job["ModelArtifacts"]["S3ModelArtifacts"])["xgboost-model"])
        )

    def folder(self, name: str) -> Path:
        """The job's folder in the region's home."""
        return self.region.home / "jobs" / name

    def pid(self, name: str, what: str) -> int:
        """The pid of the job's "supervisor" or "training" program."""
        record = json.loads((self.folder(name) / f"{what}.json").read_text())
        pid: int = record["pid"]
        return pid


def channel(name: str, uri: str, content_type: str | None = "text/csv") -> dict[str, Any]:
    """An input channel."""
    source = {"S3DataType": "S3Prefix", "S3Uri": uri, "S3DataDistributionType": "FullyReplicated"}
    typed = {"ContentType": content_type} if content_type else {}
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}, **typed}
