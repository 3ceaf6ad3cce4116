"""Training jobs over the wire: launched, watched, stopped, refused, listed."""

import itertools
import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost
from botocore.exceptions import ClientError

from tests.region.conftest import RegionProcess
from tests.region.trainer import BUCKET, LASTING, TRAIN_ROWS, WAIT_SECONDS, Trainer, breast_cancer, channel

MLFLOW = "arn:aws:sagemaker:us-east-1:123456789012:mlflow-app/app-ABCDEFGHIJKL"
GROUP_ARN = "arn:aws:sagemaker:us-east-1:123456789012:model-package-group/group"


@pytest.fixture(scope="module")
def trainer(region: RegionProcess) -> Trainer:
    """The shared region with data in its S3."""
    return Trainer(region)


@pytest.fixture(scope="module")
def completed(trainer: Trainer) -> dict[str, Any]:
    """A job that has completed, with tags."""
    return trainer.train(Tags=[{"Key": "team", "Value": "onco"}])


def refusal(trainer: Trainer, **changes: Any) -> tuple[str, str]:
    """Code and message with which CreateTrainingJob refuses a request."""
    with pytest.raises(ClientError) as caught:
        trainer.sagemaker.create_training_job(**trainer.request(**changes))
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_a_completed_job_went_through_sagemakers_statuses_with_its_texts(completed: dict[str, Any]) -> None:
    steps = completed["SecondaryStatusTransitions"]
    assert completed["TrainingJobStatus"] == completed["SecondaryStatus"] == "Completed"
    assert [step["Status"] for step in steps] == ["Starting", "Downloading", "Training", "Uploading", "Completed"]
    assert [step["StatusMessage"] for step in steps] == [
        "Preparing the instances for training",
        "Downloading input data",
        "Training image download completed. Training in progress.",
        "Uploading generated training model",
        "Training job completed",
    ]
    assert all(before["EndTime"] == after["StartTime"] for before, after in itertools.pairwise(steps))


def test_a_completed_job_has_its_times_and_metrics(completed: dict[str, Any]) -> None:
    times = ["CreationTime", "TrainingStartTime", "TrainingEndTime", "LastModifiedTime"]
    assert [completed[name] for name in times] == sorted(completed[name] for name in times)
    assert completed["BillableTimeInSeconds"] == completed["TrainingTimeInSeconds"] >= 1
    metrics = {each["MetricName"]: each["Value"] for each in completed["FinalMetricDataList"]}
    assert set(metrics) == {"train:auc", "validation:auc"}
    assert 0.97 < metrics["validation:auc"] <= metrics["train:auc"] <= 1.0
    assert "FailureReason" not in completed


def test_the_model_predicts_what_xgboost_itself_would(trainer: Trainer, completed: dict[str, Any]) -> None:
    name = completed["TrainingJobName"]
    address = completed["ModelArtifacts"]["S3ModelArtifacts"]
    assert address == f"s3://{BUCKET}/models/{name}/output/model.tar.gz"
    train, validation = (np.loadtxt(text.splitlines(), delimiter=",") for text in breast_cancer())
    own = xgboost.train(
        {"objective": "binary:logistic"}, xgboost.DMatrix(train[:, 1:], label=train[:, 0]), num_boost_round=12
    )
    data = xgboost.DMatrix(validation[:, 1:])
    np.testing.assert_allclose(trainer.booster(completed).predict(data), own.predict(data), rtol=1e-5)


def test_a_job_answers_what_it_was_asked_with_the_images_metric_definitions(completed: dict[str, Any]) -> None:
    algorithm = completed["AlgorithmSpecification"]
    names = [each["Name"] for each in algorithm["MetricDefinitions"]]
    assert {"train:auc", "validation:auc", "validation:rmse"} <= set(names)
    assert completed["HyperParameters"]["num_round"] == "12"
    assert completed["InputDataConfig"][0]["ContentType"] == "text/csv"
    assert completed["EnableManagedSpotTraining"] is False
    assert "Tags" not in completed


def test_a_stopped_job_keeps_the_model_it_wrote(trainer: Trainer) -> None:
    name = trainer.start_long(HyperParameters={"objective": "binary:logistic", "save_model_on_termination": "true"})
    trainer.sagemaker.stop_training_job(TrainingJobName=name)
    job = trainer.wait(name)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "Stopped")
    assert [step["Status"] for step in job["SecondaryStatusTransitions"]][-2:] == ["Stopping", "Stopped"]
    assert trainer.booster(job).num_boosted_rounds() > 0
    assert "FailureReason" not in job


def test_a_stopped_job_that_wrote_no_model_has_none(trainer: Trainer) -> None:
    name = trainer.start_long()
    trainer.sagemaker.stop_training_job(TrainingJobName=name)
    assert "ModelArtifacts" not in trainer.wait(name)


def test_a_job_longer_than_allowed_is_stopped(trainer: Trainer) -> None:
    job = trainer.train(LASTING, StoppingCondition={"MaxRuntimeInSeconds": 1})
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxRuntimeExceeded")
    assert job["TrainingTimeInSeconds"] >= 1


def fill_slots(trainer: Trainer) -> list[str]:
    """Start jobs that last until one has to wait; answers their names, the waiting one last."""
    names: list[str] = []
    while not names or trainer.describe(names[-1])["SecondaryStatus"] != "Pending":
        names.append(trainer.start(LASTING))
        deadline = time.monotonic() + WAIT_SECONDS
        while trainer.describe(names[-1])["SecondaryStatus"] in ("Starting", "Downloading"):
            assert time.monotonic() < deadline
            time.sleep(0.02)
    return names


def stop_all(trainer: Trainer, names: list[str]) -> None:
    """Stop jobs and wait for their ends."""
    for name in names:
        trainer.sagemaker.stop_training_job(TrainingJobName=name)
    assert {trainer.wait(name)["TrainingJobStatus"] for name in names} == {"Stopped"}


def test_jobs_beyond_the_slots_wait_as_pending_in_order_and_can_be_stopped(trainer: Trainer) -> None:
    first, *others, waiting = fill_slots(trainer)
    last = trainer.start(LASTING)
    stop_all(trainer, [first])
    trainer.wait_for_lines(waiting)
    assert trainer.describe(last)["SecondaryStatus"] in ("Starting", "Pending")
    stop_all(trainer, [last])
    assert "TrainingStartTime" not in trainer.describe(last)
    assert trainer.lines(last) == []
    stop_all(trainer, [*others, waiting])


def test_an_input_that_vanished_while_the_job_waited_fails_it_by_name(trainer: Trainer) -> None:
    uri = trainer.put("vanishing/part.csv", "1,2\n0,3\n")
    running = fill_slots(trainer)
    name = trainer.start(InputDataConfig=[channel("train", uri)])
    trainer.s3.delete_object(Bucket=BUCKET, Key="vanishing/part.csv")
    stop_all(trainer, running)
    job = trainer.wait(name)
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"] == f"ClientError: Data download failed: No S3 objects found under S3 URL {uri}"


def test_a_model_that_cannot_be_stored_fails_the_job_by_name(trainer: Trainer) -> None:
    job = trainer.train(OutputDataConfig={"S3OutputPath": "s3://no-such-bucket/models"})
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("ClientError: Artifact upload failed: s3://no-such-bucket/models/")
    assert "ModelArtifacts" not in job


def test_a_name_in_use_is_refused(trainer: Trainer, completed: dict[str, Any]) -> None:
    code, message = refusal(trainer, TrainingJobName=completed["TrainingJobName"])
    assert code == "ResourceInUse"
    assert message == (
        "Training job names must be unique within an AWS account and region, and a training job with this "
        f"name already exists ({completed['TrainingJobArn']})"
    )


def test_an_input_that_is_not_there_is_refused(trainer: Trainer) -> None:
    code, message = refusal(trainer, InputDataConfig=[channel("train", f"s3://{BUCKET}/nothing/")])
    assert code == "ValidationException"
    assert message.startswith(f'No S3 objects found under S3 URL "s3://{BUCKET}/nothing/" given in input')


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"MlflowConfig": {"MlflowResourceArn": MLFLOW}}, "MlflowConfig"),
        ({"ModelPackageConfig": {"ModelPackageGroupArn": GROUP_ARN}}, "ModelPackageConfig"),
        (
            {"SessionChainingConfig": {"EnableSessionTagChaining": True}},
            "SessionChainingConfig.EnableSessionTagChaining=True",
        ),
    ],
)
def test_what_the_region_does_not_do_is_refused_by_name(trainer: Trainer, changes: dict[str, Any], named: str) -> None:
    code, message = refusal(trainer, **changes)
    assert code == "ValidationException"
    assert message.startswith(f"{named} is not supported by the local region")


@pytest.mark.parametrize(
    ("image", "named"),
    [
        ("683313688378.dkr.ecr.us-east-1.amazonaws.com/made-up:1", "Cannot find repository: made-up"),
        ("683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:9.9-9", "has no tag 9.9-9"),
        ("python:3.11", "python:3.11 is not an ECR image address"),
    ],
)
def test_an_image_that_is_not_there_is_refused_by_name(trainer: Trainer, image: str, named: str) -> None:
    algorithm = {"TrainingImage": image, "TrainingInputMode": "File"}
    code, message = refusal(trainer, AlgorithmSpecification=algorithm)
    assert code == "ValidationException"
    assert named in message


def test_metric_definitions_of_a_built_in_image_cannot_be_changed(trainer: Trainer) -> None:
    algorithm = trainer.request()["AlgorithmSpecification"]
    changed = {**algorithm, "MetricDefinitions": [{"Name": "x", "Regex": "x=(.*)"}]}
    code, message = refusal(trainer, AlgorithmSpecification=changed)
    assert code == "ValidationException"
    assert message.startswith("You can't override the metric definitions")


def test_unknown_and_ended_jobs_answer_as_on_aws(trainer: Trainer, completed: dict[str, Any]) -> None:
    with pytest.raises(ClientError, match=r"\(ValidationException\).*Requested resource not found\."):
        trainer.describe("no-such-job")
    with pytest.raises(ClientError, match=r"\(ValidationException\).*the training job is in status Completed\."):
        trainer.sagemaker.stop_training_job(TrainingJobName=completed["TrainingJobName"])


def test_a_job_can_be_deleted_once_it_has_ended(trainer: Trainer) -> None:
    name = trainer.start_long()
    with pytest.raises(ClientError, match="ResourceInUse"):
        trainer.sagemaker.delete_training_job(TrainingJobName=name)
    trainer.sagemaker.stop_training_job(TrainingJobName=name)
    trainer.wait(name)
    trainer.sagemaker.delete_training_job(TrainingJobName=name)
    with pytest.raises(ClientError, match="Requested resource not found"):
        trainer.describe(name)
    assert not trainer.folder(name).exists()


def test_jobs_are_listed_by_filter_order_and_page(trainer: Trainer) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    bad = {"HyperParameters": {"max_depth": "deep"}}
    names = [trainer.start(None, **bad, TrainingJobName=f"listed-{number}") for number in range(5)]
    for name in names:
        trainer.wait(name)
    pages = trainer.sagemaker.get_paginator("list_training_jobs").paginate(
        NameContains="listed-", StatusEquals="Failed", SortBy="Name", SortOrder="Ascending",
        CreationTimeAfter=before, PaginationConfig={"PageSize": 2},
    )  # fmt: skip
    found = [[job["TrainingJobName"] for job in page["TrainingJobSummaries"]] for page in pages]
    assert [len(page) for page in found] == [2, 2, 1]
    assert [name for page in found for name in page] == names
    newest = trainer.sagemaker.list_training_jobs(NameContains="listed-", MaxResults=1)["TrainingJobSummaries"]
    assert newest[0]["TrainingJobName"] == names[-1]
    assert newest[0]["TrainingJobStatus"] == "Failed"
    with pytest.raises(ClientError, match="Invalid NextToken"):
        trainer.sagemaker.list_training_jobs(NextToken="forged")


def test_tags_are_kept_with_the_job(trainer: Trainer, completed: dict[str, Any]) -> None:
    arn = completed["TrainingJobArn"]
    assert trainer.sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "onco"}]
    added = trainer.sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "cost", "Value": "42"}])["Tags"]
    assert {"Key": "cost", "Value": "42"} in added
    trainer.sagemaker.delete_tags(ResourceArn=arn, TagKeys=["cost"])
    assert trainer.sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "onco"}]
    with pytest.raises(ClientError, match="Requested resource not found"):
        trainer.sagemaker.list_tags(ResourceArn=f"{arn}-other")


def test_sagemakers_own_sdk_trains_unchanged(trainer: Trainer) -> None:
    """In a process of its own: the SDK reads its region and keys from the environment, once."""
    name = trainer.request()["TrainingJobName"]
    access_key, secret_key = trainer.region.keys()
    environment = {
        "PATH": os.defpath,
        "AWS_ENDPOINT_URL": trainer.region.url,
        "AWS_ACCESS_KEY_ID": access_key,
        "AWS_SECRET_ACCESS_KEY": secret_key,
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    program = Path(__file__).with_name("sdk_program.py")
    done = subprocess.run([sys.executable, program, name], env=environment, capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stderr
    assert "Completed" in done.stdout.splitlines()
    assert "[11]#011train-auc:" in done.stderr
    assert trainer.describe(name)["TrainingJobStatus"] == "Completed"


def test_the_rows_of_both_channels_are_those_in_s3(trainer: Trainer, completed: dict[str, Any]) -> None:
    lines = trainer.lines(completed["TrainingJobName"])
    assert any(line.endswith(f"Train matrix has {TRAIN_ROWS} rows and 30 columns") for line in lines)
    assert any(line.endswith("Validation matrix has 143 rows") for line in lines)
