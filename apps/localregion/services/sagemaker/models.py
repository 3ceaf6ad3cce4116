"""SageMaker's operations on models: containers and where their artifacts are.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModel.html
"""

import time
from typing import Any

from apps.localregion.errors import AwsError
from apps.localregion.images import catalogue
from apps.localregion.region import Region
from apps.localregion.services.sagemaker.creation import check_address
from apps.localregion.services.sagemaker.listing import page
from apps.localregion.services.sagemaker.refusals import invalid
from apps.localregion.services.sagemaker.tags import check
from apps.localregion.services.sagemaker.times import answer_members
from apps.localregion.store.documents import Exists

KIND = "model"
MOST_CONTAINERS = 15
INTERNAL = ("Tags",)
SUMMARY = ("ModelName", "ModelArn", "CreationTime")
# Members of a container that change what it does and are not here.
ABSENT = ("ModelPackageName", "MultiModelConfig", "AdditionalModelDataSources", "InferenceSpecificationName")

Body = dict[str, Any]


def create_model(region: Region, request: Body) -> Body:
    """Record a model whose images are here and whose artifacts can be found."""
    check(request.get("Tags", []))
    containers = _containers(request)
    for container in containers:
        _check_container(region, container)
    name = request["ModelName"]
    arn = model_arn(region, name)
    body = {
        "EnableNetworkIsolation": False,
        **request,
        "ModelArn": arn,
        "CreationTime": time.time(),
    }
    if "Containers" in request:
        body["InferenceExecutionConfig"] = request.get("InferenceExecutionConfig", {"Mode": "Serial"})
    try:
        region.documents.insert(KIND, name, body)
    except Exists as error:
        raise invalid(f'Cannot create already existing model "{arn}".') from error
    return {"ModelArn": arn}


def describe_model(region: Region, request: Body) -> Body:
    """Everything about one model."""
    body = find(region, request["ModelName"])
    return answer_members({name: body[name] for name in body if name not in INTERNAL}, "CreationTime")


def list_models(region: Region, request: Body) -> Body:
    """A page of the models that pass the filters, newest first unless asked otherwise."""
    bodies, more = page(region, KIND, request)
    summaries = [answer_members({name: body[name] for name in SUMMARY}, "CreationTime") for body in bodies]
    return {"Models": summaries, **more}


def delete_model(region: Region, request: Body) -> Body:
    """Forget a model; its artifacts in S3 stay, and so do jobs that have begun with it."""
    if not region.documents.delete(KIND, request["ModelName"]):
        raise _absent(region, request["ModelName"])
    return {}


def find(region: Region, name: str) -> Body:
    """The document of a model; raises AwsError ValidationException."""
    body = region.documents.get(KIND, name)
    if body is None:
        raise _absent(region, name)
    return body


def model_arn(region: Region, name: str) -> str:
    """The ARN of a model of this name."""
    return f"arn:aws:sagemaker:{region.name}:{region.account}:{KIND}/{name}"


def _absent(region: Region, name: str) -> AwsError:
    return invalid(f'Could not find model "{model_arn(region, name)}".')


def _containers(request: Body) -> list[Body]:
    """The containers of a request; raises AwsError ValidationException."""
    primary, several = request.get("PrimaryContainer"), request.get("Containers")
    if (primary is None) == (not several):
        raise invalid("A model has either a PrimaryContainer or Containers: specify one of them.")
    containers = [primary] if primary is not None else several or []
    if len(containers) > MOST_CONTAINERS:
        raise invalid(f"Containers has {len(containers)} containers; a model can have at most {MOST_CONTAINERS}.")
    names = [each["ContainerHostname"] for each in containers if each.get("ContainerHostname")]
    if len(names) > len(set(names)):
        raise invalid(f"ContainerHostname must be unique: {', '.join(names)}")
    direct = request.get("InferenceExecutionConfig", {}).get("Mode") == "Direct"
    if direct and len(names) < len(containers):
        raise invalid("Each container needs a ContainerHostname when InferenceExecutionConfig.Mode is Direct.")
    return containers


def _check_container(region: Region, container: Body) -> None:
    for member in ABSENT:
        if container.get(member):
            raise invalid(f"{member} is not supported by the local region: leave it out.")
    if container.get("Mode", "SingleModel") != "SingleModel":
        raise invalid(f"Mode={container['Mode']} is not supported by the local region: use SingleModel.")
    if not container.get("Image"):
        raise invalid("Image is required of a container in this region.")
    try:
        image = catalogue.find_serving(container["Image"], container.get("Environment", {}))
    except catalogue.UnknownImage as error:
        raise invalid(str(error)) from error
    if not image.serve:
        raise invalid(f"The image {container['Image']} only trains: this region cannot serve models with it yet.")
    if container.get("ModelDataUrl") and container.get("ModelDataSource"):
        raise invalid("ModelDataUrl and ModelDataSource cannot be used together: specify one of them.")
    source = container.get("ModelDataSource", {}).get("S3DataSource")
    if source is not None:
        _check_source(region, source)
    elif container.get("ModelDataUrl"):
        _require(region, container["ModelDataUrl"])


def _check_source(region: Region, source: Body) -> None:
    uri, folder = source["S3Uri"], source["S3DataType"] == "S3Prefix"
    if folder and source["CompressionType"] != "None":
        raise invalid("S3DataType S3Prefix needs the CompressionType None: a tar.gz archive is an S3Object.")
    if folder and not uri.endswith("/"):
        raise invalid(f'The S3Uri "{uri}" of the S3DataType S3Prefix must end with a forward slash.')
    for member in ("HubAccessConfig", "ManifestS3Uri"):
        if source.get(member):
            raise invalid(f"ModelDataSource.S3DataSource.{member} is not supported by the local region: leave it out.")
    if not folder:
        _require(region, uri)
    elif next(region.objects.list(*check_address(uri)), None) is None:
        raise invalid(f"Could not find model data at {uri}.")


def _require(region: Region, uri: str) -> None:
    if region.objects.get(*check_address(uri)) is None:
        raise invalid(f"Could not find model data at {uri}.")
