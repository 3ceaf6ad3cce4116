"""SageMaker's models: created, described, listed, tagged and deleted by boto3, and refused in SageMaker's words."""

import itertools
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.region.conftest import RegionProcess
from tests.region.trainer import BUCKET, IMAGE, ROLE, Trainer

URL = f"s3://{BUCKET}/ready/model.tar.gz"
_numbers = itertools.count(int(time.time()))


@pytest.fixture(scope="module")
def sagemaker(region: RegionProcess) -> Any:
    """A client of the shared region, with something that stands for a model's artifacts in its S3."""
    trainer = Trainer(region)
    trainer.put("ready/model.tar.gz", "an archive")
    return trainer.sagemaker


def create(sagemaker: Any, **request: Any) -> str:
    """Create a model; answers its name."""
    name: str = request.pop("ModelName", f"model-{next(_numbers)}")
    container = {} if "Containers" in request else {"PrimaryContainer": {"Image": IMAGE, "ModelDataUrl": URL}}
    sagemaker.create_model(**{"ModelName": name, "ExecutionRoleArn": ROLE, **container, **request})
    return name


def refusal(sagemaker: Any, **request: Any) -> str:
    """Why a model is refused."""
    with pytest.raises(ClientError) as refused:
        create(sagemaker, **request)
    error = refused.value.response["Error"]
    assert error["Code"] == "ValidationException"
    message: str = error["Message"]
    return message


def test_a_model_is_described_as_it_was_created(sagemaker: Any) -> None:
    network = {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}
    primary = {"Image": IMAGE, "ModelDataUrl": URL, "Environment": {"LEVEL": "20"}}
    name = create(sagemaker, PrimaryContainer=primary, VpcConfig=network, Tags=[{"Key": "team", "Value": "blue"}])
    model = sagemaker.describe_model(ModelName=name)
    assert model["PrimaryContainer"] == primary
    assert model["VpcConfig"] == network
    assert model["EnableNetworkIsolation"] is False
    assert model["ModelArn"].endswith(f":model/{name}")
    assert "Tags" not in model
    sagemaker.add_tags(ResourceArn=model["ModelArn"], Tags=[{"Key": "owner", "Value": "ann"}])
    assert [tag["Key"] for tag in sagemaker.list_tags(ResourceArn=model["ModelArn"])["Tags"]] == ["team", "owner"]
    sagemaker.delete_model(ModelName=name)
    for absent in (sagemaker.describe_model, sagemaker.delete_model):
        with pytest.raises(ClientError, match=f'Could not find model "{model["ModelArn"]}"'):
            absent(ModelName=name)


def test_models_are_listed_by_page_name_and_order(sagemaker: Any) -> None:
    names = [create(sagemaker, ModelName=f"listed-{next(_numbers)}") for _ in range(3)]
    asked = {"NameContains": "listed-", "MaxResults": 2}
    first = sagemaker.list_models(**asked)
    second = sagemaker.list_models(**asked, NextToken=first["NextToken"])
    assert [model["ModelName"] for model in first["Models"] + second["Models"]] == names[::-1]
    assert "NextToken" not in second
    by_name = sagemaker.list_models(NameContains="listed-", SortBy="Name", SortOrder="Ascending")["Models"]
    assert [model["ModelName"] for model in by_name] == sorted(names)


def test_a_name_is_taken_once(sagemaker: Any) -> None:
    name = create(sagemaker)
    assert refusal(sagemaker, ModelName=name).startswith("Cannot create already existing model ")


def test_containers_may_be_several_in_a_row(sagemaker: Any) -> None:
    containers = [{"Image": IMAGE, "ModelDataUrl": URL, "ContainerHostname": each} for each in ("one", "two")]
    model = sagemaker.describe_model(ModelName=create(sagemaker, Containers=containers))
    assert model["Containers"] == containers
    assert model["InferenceExecutionConfig"] == {"Mode": "Serial"}
    assert "PrimaryContainer" not in model


@pytest.mark.parametrize(
    ("container", "message"),
    [
        (
            {"Image": IMAGE, "ModelDataUrl": f"s3://{BUCKET}/nowhere"},
            f"Could not find model data at s3://{BUCKET}/nowh",
        ),
        ({"ModelDataUrl": URL}, "Image is required"),
        ({"Image": IMAGE.replace("sagemaker-xgboost", "nothing")}, "nothing"),
        ({"Image": IMAGE, "Mode": "MultiModel"}, "Mode=MultiModel is not supported"),
        ({"Image": IMAGE, "ModelPackageName": "package"}, "ModelPackageName is not supported"),
        (
            {
                "Image": IMAGE,
                "ModelDataSource": {
                    "S3DataSource": {"S3Uri": URL, "S3DataType": "S3Prefix", "CompressionType": "None"}
                },
            },
            "must end with a forward slash",
        ),
    ],
)
def test_a_container_that_cannot_serve_is_refused(sagemaker: Any, container: dict[str, Any], message: str) -> None:
    assert message in refusal(sagemaker, PrimaryContainer=container)


def test_a_model_has_one_container_or_several(sagemaker: Any) -> None:
    one = {"Image": IMAGE}
    assert "either a PrimaryContainer or Containers" in refusal(sagemaker, PrimaryContainer=one, Containers=[one])
    assert "needs a ContainerHostname" in refusal(
        sagemaker, Containers=[one, one], InferenceExecutionConfig={"Mode": "Direct"}
    )
    twice = {**one, "ContainerHostname": "same"}
    assert "must be unique: same, same" in refusal(sagemaker, Containers=[twice, twice])
