"""What a CreateTrainingJob request may ask for and this region does not do: refused by name, never ignored."""

from collections.abc import Iterator
from typing import Any

from apps.localregion.errors import AwsError

CHANNEL = "InputDataConfig"
SOURCE = f"{CHANNEL}.DataSource.S3DataSource"

# Members that may only have these values.
ONLY: dict[str, tuple[Any, ...]] = {
    "AlgorithmSpecification.TrainingInputMode": ("File",),
    f"{CHANNEL}.InputMode": ("File",),
    f"{CHANNEL}.CompressionType": ("None",),
    f"{CHANNEL}.RecordWrapperType": ("None",),
    f"{SOURCE}.S3DataType": ("S3Prefix",),
    "ResourceConfig.InstanceCount": (1,),
    "OutputDataConfig.CompressionType": ("GZIP",),
    "OutputDataConfig.KmsKeyId": ("",),
    "EnableManagedSpotTraining": (False,),
}

# Members that change what the job does and may not be there at all.
ABSENT = (
    "AlgorithmSpecification.AlgorithmName",
    "AlgorithmSpecification.ContainerEntrypoint",
    "AlgorithmSpecification.ContainerArguments",
    "AlgorithmSpecification.TrainingImageConfig",
    f"{CHANNEL}.ShuffleConfig",
    f"{CHANNEL}.DataSource.FileSystemDataSource",
    f"{CHANNEL}.DataSource.DatasetSource",
    f"{SOURCE}.AttributeNames",
    f"{SOURCE}.InstanceGroupNames",
    f"{SOURCE}.ModelAccessConfig",
    f"{SOURCE}.HubAccessConfig",
    "ResourceConfig.InstanceGroups",
    "ResourceConfig.InstancePlacementConfig",
    "ResourceConfig.InstancePreferences",
    "ResourceConfig.KeepAlivePeriodInSeconds",
    "ResourceConfig.TrainingPlanArn",
    "ResourceConfig.VolumeKmsKeyId",
    "StoppingCondition.MaxPendingTimeInSeconds",
    "StoppingCondition.MaxWaitTimeInSeconds",
    "CheckpointConfig",
    "DebugRuleConfigurations",
    "ProfilerRuleConfigurations",
    "TensorBoardOutputConfig",
    "RetryStrategy",
    "SessionChainingConfig",
    "ServerlessJobConfig",
    "MlflowConfig",
    "ModelPackageConfig",
)

REQUIRED = ("AlgorithmSpecification", "AlgorithmSpecification.TrainingImage", "ResourceConfig")


def refuse(request: dict[str, Any]) -> None:
    """Raise AwsError ValidationException for the first thing that is missing or cannot be done here."""
    for path in REQUIRED:
        if not [*_values(request, path)]:
            raise AwsError("ValidationException", f"{path} is required to run a training job in this region.")
    for path, allowed in ONLY.items():
        for value in _values(request, path):
            if value not in allowed:
                choices = " or ".join(str(choice) or "nothing" for choice in allowed)
                raise _not_here(f"{path}={value}", f"use {choices}")
    for path in ABSENT:
        if any(value not in ("", [], {}) for value in _values(request, path)):
            raise _not_here(path, "leave it out")


def _not_here(what: str, instead: str) -> AwsError:
    return AwsError("ValidationException", f"{what} is not supported by the local region: {instead}.")


def _values(request: Any, path: str) -> Iterator[Any]:
    """Every value at a dotted path; a list on the way means each of its elements."""
    if isinstance(request, list):
        for element in request:
            yield from _values(element, path)
        return
    name, _, rest = path.partition(".")
    if isinstance(request, dict) and request.get(name) is not None:
        if rest:
            yield from _values(request[name], rest)
        else:
            yield request[name]
