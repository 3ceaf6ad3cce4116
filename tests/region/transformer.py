"""Runs batch transform jobs on a region in tests, with a model that was trained there."""

import itertools
import time
from typing import Any

from tests.region.trainer import BUCKET, ROLE, WAIT_SECONDS, Trainer

GROUP = "/aws/sagemaker/TransformJobs"
ACTIVE = ("InProgress", "Stopping")

_numbers = itertools.count(int(time.time()))


class Transformer:
    """One region's transform jobs."""

    def __init__(self, trainer: Trainer) -> None:
        self.trainer = trainer
        self.sagemaker = trainer.sagemaker
        self.s3 = trainer.s3

    def model(self, job: dict[str, Any], environment: dict[str, str] | None = None, **changes: Any) -> str:
        """A model of a finished training job; answers its name."""
        container = {
            "Image": job["AlgorithmSpecification"]["TrainingImage"],
            "ModelDataUrl": job["ModelArtifacts"]["S3ModelArtifacts"],
            "Environment": environment or {},
        }
        name = f"model-{next(_numbers)}"
        request = {"ExecutionRoleArn": ROLE, "PrimaryContainer": container, **changes}
        self.sagemaker.create_model(ModelName=name, **request)
        return name

    def put(self, name: str, body: bytes | str) -> None:
        """Store an input object."""
        self.s3.put_object(Bucket=BUCKET, Key=name, Body=body)

    def request(
        self, model: str, prefix: str, kind: str = "text/csv", split: str = "Line", accept: str = "", **changes: Any
    ) -> dict[str, Any]:
        """A CreateTransformJob request over the objects below a prefix of the bucket, with changes."""
        name = f"transform-{next(_numbers)}"
        source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/{prefix}"}}
        given = {"DataSource": source, "ContentType": kind, "SplitType": split, **changes.pop("TransformInput", {})}
        output = {"S3OutputPath": f"s3://{BUCKET}/out/{name}", "AssembleWith": "Line"}
        output |= {"Accept": accept} if accept else {}
        return {
            "TransformJobName": name,
            "ModelName": model,
            "TransformInput": given,
            "TransformOutput": {**output, **changes.pop("TransformOutput", {})},
            "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
            **changes,
        }

    def start(self, model: str, prefix: str, **changes: Any) -> str:
        """Create a job; answers its name."""
        request = self.request(model, prefix, **changes)
        self.sagemaker.create_transform_job(**request)
        name: str = request["TransformJobName"]
        return name

    def describe(self, name: str) -> dict[str, Any]:
        """The job as the region describes it."""
        described: dict[str, Any] = self.sagemaker.describe_transform_job(TransformJobName=name)
        return described

    def wait(self, name: str) -> dict[str, Any]:
        """The job once it has ended."""
        deadline = time.monotonic() + WAIT_SECONDS
        while (job := self.describe(name))["TransformJobStatus"] in ACTIVE:
            assert time.monotonic() < deadline, f"{name} is still {job['TransformJobStatus']}"
            time.sleep(0.05)
        return job

    def outputs(self, name: str) -> dict[str, str]:
        """The texts of the job's outputs by their names."""
        prefix = f"out/{name}/"
        found = self.s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
        return {
            each["Key"].removeprefix(prefix): self.s3.get_object(Bucket=BUCKET, Key=each["Key"])["Body"].read().decode()
            for each in found
        }

    def transformed(self, model: str, prefix: str, **changes: Any) -> dict[str, str]:
        """The outputs of a job that completes."""
        name = self.start(model, prefix, **changes)
        job = self.wait(name)
        assert job["TransformJobStatus"] == "Completed", (job.get("FailureReason"), self.lines(name))
        return self.outputs(name)

    def lines(self, name: str, *, data_log: bool = False) -> list[str]:
        """What the job's containers printed, or the data log."""
        logs = self.trainer.logs
        streams = logs.describe_log_streams(logGroupName=GROUP, logStreamNamePrefix=f"{name}/")["logStreams"]
        return [
            event["message"]
            for stream in streams
            if stream["logStreamName"].endswith("/data-log") is data_log
            for event in logs.get_log_events(
                logGroupName=GROUP, logStreamName=stream["logStreamName"], startFromHead=True
            )["events"]
        ]
