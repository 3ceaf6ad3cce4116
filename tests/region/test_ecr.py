"""ECR over the wire: the images that the region has."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError


@pytest.fixture(scope="module")
def ecr(client: Callable[..., Any]) -> Any:
    """A boto3 client."""
    return client("ecr")


def test_every_image_has_its_repository(ecr: Any) -> None:
    pages = [*ecr.get_paginator("describe_repositories").paginate(PaginationConfig={"PageSize": 2})]
    found = {each["repositoryName"]: each for page in pages for each in page["repositories"]}
    assert len(pages) > 1
    assert {"sagemaker-xgboost", "linear-learner", "kmeans", "pca", "knn"} <= set(found)
    one = found["linear-learner"]
    assert one["repositoryArn"] == "arn:aws:ecr:us-east-1:123456789012:repository/linear-learner"
    assert one["repositoryUri"] == "123456789012.dkr.ecr.us-east-1.amazonaws.com/linear-learner"
    named = ecr.describe_repositories(registryId="683313688378", repositoryNames=["sagemaker-xgboost"])["repositories"]
    assert [each["registryId"] for each in named] == ["683313688378"]


def test_an_image_is_described_by_tag_and_digest(ecr: Any) -> None:
    (image,) = ecr.describe_images(repositoryName="sagemaker-xgboost", imageIds=[{"imageTag": "1.7-1"}])["imageDetails"]
    assert image["imageDigest"].startswith("sha256:")
    assert "1.7-1" in image["imageTags"]
    assert image["imageSizeInBytes"] > 1000
    again = ecr.describe_images(repositoryName="sagemaker-xgboost", imageIds=[{"imageDigest": image["imageDigest"]}])
    assert again["imageDetails"] == [image]
    listed = ecr.list_images(repositoryName="sagemaker-xgboost", filter={"tagStatus": "TAGGED"})["imageIds"]
    assert {"imageDigest": image["imageDigest"], "imageTag": "1.7-1"} in listed
    assert ecr.list_images(repositoryName="sagemaker-xgboost", filter={"tagStatus": "UNTAGGED"})["imageIds"] == []


@pytest.mark.parametrize(
    ("operation", "members", "code"),
    [
        ("describe_repositories", {"repositoryNames": ["no-such"]}, "RepositoryNotFoundException"),
        ("list_images", {"repositoryName": "no-such"}, "RepositoryNotFoundException"),
        ("describe_images", {"repositoryName": "pca", "imageIds": [{"imageTag": "no-tag"}]}, "ImageNotFoundException"),
        ("describe_repositories", {"nextToken": "forged"}, "InvalidParameterException"),
        ("get_authorization_token", {}, "InvalidParameterException"),
    ],
)
def test_what_is_not_there_is_refused(ecr: Any, operation: str, members: dict[str, Any], code: str) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(ecr, operation)(**members)
    assert refused.value.response["Error"]["Code"] == code
