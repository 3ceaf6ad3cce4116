"""A program of a SageMaker user, as written for AWS: trains by the SDK's own client. Its argument is the job's name."""

import logging
import sys

from sagemaker.core import image_uris
from sagemaker.core.resources import TrainingJob
from sagemaker.core.shapes import (
    AlgorithmSpecification,
    Channel,
    DataSource,
    OutputDataConfig,
    ResourceConfig,
    S3DataSource,
    StoppingCondition,
)


def channel(name: str) -> Channel:
    """An input channel of the data that the test has put."""
    source = S3DataSource(s3_data_type="S3Prefix", s3_uri=f"s3://training/cancer/{name}/")
    return Channel(channel_name=name, content_type="text/csv", data_source=DataSource(s3_data_source=source))


def main(name: str) -> None:
    """Train, with the log on stderr, and print the final status."""
    logging.basicConfig(level=logging.INFO)
    logging.getLogger("sagemaker.core.resources").setLevel(logging.INFO)
    image = image_uris.retrieve("xgboost", "us-east-1", "1.7-1")
    job = TrainingJob.create(
        training_job_name=name,
        hyper_parameters={"num_round": "12", "objective": "binary:logistic", "eval_metric": "auc"},
        algorithm_specification=AlgorithmSpecification(training_image=image, training_input_mode="File"),
        role_arn="arn:aws:iam::123456789012:role/any",
        input_data_config=[channel("train"), channel("validation")],
        output_data_config=OutputDataConfig(s3_output_path="s3://training/models"),
        resource_config=ResourceConfig(instance_type="ml.m5.large", instance_count=1, volume_size_in_gb=10),
        stopping_condition=StoppingCondition(max_runtime_in_seconds=600),
    )
    job.wait(poll=1, logs=True)
    print(job.training_job_status)


if __name__ == "__main__":
    main(sys.argv[1])
