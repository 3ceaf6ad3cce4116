"""Tags of SageMaker's resources: set, replaced, listed in pages, removed, refused."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.region.conftest import RegionProcess
from tests.region.trainer import Trainer


@pytest.fixture(scope="module")
def trainer(region: RegionProcess) -> Trainer:
    """The shared region with data in its S3."""
    return Trainer(region)


@pytest.fixture(scope="module")
def arn(trainer: Trainer) -> Iterator[str]:
    """A job that has ended."""
    job = trainer.train({"max_depth": "deep"}, TrainingJobName="tagged")
    yield job["TrainingJobArn"]
    trainer.sagemaker.delete_training_job(TrainingJobName="tagged")


@pytest.fixture(autouse=True)
def untagged(trainer: Trainer, arn: str) -> None:
    """The job has no tags."""
    trainer.sagemaker.delete_tags(ResourceArn=arn, TagKeys=[f"key-{number}" for number in range(50)])
    trainer.sagemaker.delete_tags(ResourceArn=arn, TagKeys=["team", "empty"])


def tags(trainer: Trainer, arn: str) -> dict[str, str]:
    """The job's tags, read page by page."""
    pages = trainer.sagemaker.get_paginator("list_tags").paginate(ResourceArn=arn)
    return {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}


def many(count: int) -> list[dict[str, str]]:
    """So many tags."""
    return [{"Key": f"key-{number}", "Value": str(number)} for number in range(count)]


def test_tags_are_added_replaced_and_removed(trainer: Trainer, arn: str) -> None:
    trainer.sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "team", "Value": "a"}, {"Key": "empty", "Value": ""}])
    trainer.sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "team", "Value": "b"}])
    assert tags(trainer, arn) == {"team": "b", "empty": ""}
    trainer.sagemaker.delete_tags(ResourceArn=arn, TagKeys=["team", "never-there"])
    assert tags(trainer, arn) == {"empty": ""}


def test_fifty_tags_come_in_one_page_or_more_and_a_further_one_is_refused(trainer: Trainer, arn: str) -> None:
    trainer.sagemaker.add_tags(ResourceArn=arn, Tags=many(50))
    first = trainer.sagemaker.list_tags(ResourceArn=arn, MaxResults=50)
    assert len(first["Tags"]) == 50
    assert "NextToken" not in first
    with pytest.raises(ClientError, match="ResourceLimitExceeded"):
        trainer.sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "team", "Value": "a"}])
    assert len(tags(trainer, arn)) == 50


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ([{"Key": "aws:team", "Value": "a"}], "are reserved: aws:team"),
        ([{"Key": "team", "Value": "a"}, {"Key": "team", "Value": "b"}], "Duplicate tag keys found: team"),
    ],
)
def test_tags_that_no_resource_may_have_are_refused(
    trainer: Trainer, arn: str, given: list[dict[str, str]], why: str
) -> None:
    for refused in (
        lambda: trainer.sagemaker.add_tags(ResourceArn=arn, Tags=given),
        lambda: trainer.start(Tags=given),
    ):
        with pytest.raises(ClientError, match=r"\(ValidationException\)") as caught:
            refused()
        assert why in str(caught.value)
    assert tags(trainer, arn) == {}


@pytest.mark.parametrize("gone", ["training-job/none", "endpoint/none", "nothing"])
def test_what_is_not_there_has_no_tags(trainer: Trainer, gone: str) -> None:
    calls: list[Any] = [
        lambda arn: trainer.sagemaker.list_tags(ResourceArn=arn),
        lambda arn: trainer.sagemaker.add_tags(ResourceArn=arn, Tags=many(1)),
        lambda arn: trainer.sagemaker.delete_tags(ResourceArn=arn, TagKeys=["a"]),
    ]
    for call in calls:
        with pytest.raises(ClientError, match=r"\(ValidationException\).*Requested resource not found"):
            call(f"arn:aws:sagemaker:us-east-1:123456789012:{gone}")


@pytest.mark.parametrize(
    ("hyperparameters", "why"),
    [
        ({f"name-{number}": "x" for number in range(101)}, "hyperParameters"),
        ({"x" * 257: "1"}, "hyperParameters"),
        ({"name": "x" * 2501}, "hyperParameters"),
    ],
    ids=["many", "long name", "long value"],
)
def test_hyperparameters_beyond_sagemakers_bounds_are_refused(
    trainer: Trainer, hyperparameters: dict[str, str], why: str
) -> None:
    with pytest.raises(ClientError, match=r"\(ValidationException\)") as caught:
        trainer.sagemaker.create_training_job(**trainer.request(HyperParameters=hyperparameters))
    assert why in str(caught.value)
