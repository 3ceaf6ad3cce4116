"""Trains SageMaker's own algorithms in tests: requests, data in their formats, metrics and models."""

import io
import struct
from typing import Any

import numpy as np

from apps.localregion.images import recordio
from tests.region.trainer import BUCKET, Trainer, channel

REGISTRY = "382416733822.dkr.ecr.us-east-1.amazonaws.com"


def csv(*columns: Any) -> bytes:
    """Columns beside each other as CSV without header."""
    text = io.StringIO()
    np.savetxt(text, np.column_stack(columns), fmt="%.9g", delimiter=",")
    return text.getvalue().encode()


def protobuf(features: Any, labels: Any = None, *, sparse: bool = False) -> bytes:
    """Rows as recordIO-protobuf, written from the schema in the developer guide."""
    frames = []
    for number, row in enumerate(np.asarray(features, np.float32)):
        record = recordio.record_class()()
        entry = record.features.add(key="values").value.float32_tensor
        kept = np.flatnonzero(row) if sparse else np.arange(len(row))
        entry.values.extend(row[kept].tolist())
        if sparse:
            entry.keys.extend(kept.tolist())
            entry.shape.append(len(row))
        if labels is not None:
            record.label.add(key="values").value.float32_tensor.values.append(float(labels[number]))
        data = record.SerializeToString()
        frames.append(struct.pack("<II", recordio.MAGIC, len(data)) + data + bytes(-len(data) % 4))
    return b"".join(frames)


class Algorithm:
    """One algorithm on one region."""

    def __init__(self, trainer: Trainer, name: str) -> None:
        self.trainer = trainer
        self._image = f"{REGISTRY}/{name}:1"

    def start(
        self,
        data: dict[str, bytes],
        content_type: str | None = "text/csv",
        *,
        input_mode: str = "File",
        **hyperparameters: object,
    ) -> str:
        """Create a job that trains on these channels; answers its name."""
        request = self.trainer.request(
            AlgorithmSpecification={"TrainingImage": self._image, "TrainingInputMode": input_mode},
            HyperParameters={name: str(value) for name, value in hyperparameters.items()},
            InputDataConfig=[],
        )
        name: str = request["TrainingJobName"]
        for series, content in data.items():
            self.trainer.s3.put_object(Bucket=BUCKET, Key=f"{name}/{series}/part", Body=content)
            request["InputDataConfig"].append(channel(series, f"s3://{BUCKET}/{name}/{series}/", content_type))
        self.trainer.sagemaker.create_training_job(**request)
        return name

    def fitted(self, name: str) -> tuple[dict[str, float], Any]:
        """The final metrics and the model's arrays of a job that completes."""
        job = self.trainer.wait(name)
        assert job["TrainingJobStatus"] == "Completed", job["FailureReason"]
        files = self.trainer.artifact(job["ModelArtifacts"]["S3ModelArtifacts"])
        assert [*files] == ["model_algo-1"]
        metrics = {each["MetricName"]: each["Value"] for each in job.get("FinalMetricDataList", [])}
        return metrics, np.load(io.BytesIO(files["model_algo-1"]))

    def refused(self, name: str) -> str:
        """Why a job fails, without SageMaker's frame."""
        job = self.trainer.wait(name)
        assert job["TrainingJobStatus"] == "Failed"
        reason: str = job["FailureReason"]
        assert reason.startswith("ClientError: ")
        assert reason.endswith(", exit code: 2")
        return reason.removeprefix("ClientError: ").removesuffix(", exit code: 2")
