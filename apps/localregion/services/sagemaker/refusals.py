"""What a request on training jobs may ask for and this region does not do: refused by name, never ignored."""

from collections.abc import Iterator
from typing import Any

from apps.localregion.compute import cluster, sandbox, volumes
from apps.localregion.errors import AwsError

CHANNEL = "InputDataConfig"
SOURCE = f"{CHANNEL}.DataSource.S3DataSource"

# Members that may only have these values.
ONLY: dict[str, tuple[Any, ...]] = {
    f"{SOURCE}.S3DataType": ("S3Prefix", "ManifestFile", "AugmentedManifestFile"),
    "SessionChainingConfig.EnableSessionTagChaining": (False,),
}

# Members that change what the job does and may not be there at all.
ABSENT = (
    "AlgorithmSpecification.AlgorithmName",
    "AlgorithmSpecification.TrainingImageConfig",
    f"{CHANNEL}.DataSource.FileSystemDataSource",
    f"{CHANNEL}.DataSource.DatasetSource",
    f"{SOURCE}.ModelAccessConfig",
    f"{SOURCE}.HubAccessConfig",
    "ResourceConfig.InstancePlacementConfig",
    "ResourceConfig.InstancePreferences",
    "ResourceConfig.TrainingPlanArn",
    "DebugRuleConfigurations",
    "ProfilerRuleConfigurations",
    "ServerlessJobConfig",
    "MlflowConfig",
    "ModelPackageConfig",
)

REQUIRED = (
    "AlgorithmSpecification",
    "AlgorithmSpecification.TrainingImage",
    "ResourceConfig",
)
ALONE = ("InstanceType", "InstanceCount")  # a ResourceConfig has these or InstanceGroups
NOT_UPDATED = ("ProfilerRuleConfigurations",)
INSTANCES = 20  # the most of one job here: SageMaker's own default quota of a training job


def refuse(request: dict[str, Any]) -> None:
    """Raise AwsError ValidationException for the first thing that is missing or cannot be done here."""
    for path in REQUIRED:
        if not [*_values(request, path)]:
            raise invalid(f"{path} is required to run a training job in this region.")
    for path, allowed in ONLY.items():
        for value in _values(request, path):
            if value not in allowed:
                choices = " or ".join(str(choice) or "nothing" for choice in allowed)
                raise _not_here(f"{path}={value}", f"use {choices}")
    _refuse_any(request, ABSENT)
    _refuse_entry_point(request["AlgorithmSpecification"])
    _refuse_cluster(request)
    if request["ResourceConfig"].get("VolumeKmsKeyId") and not volumes.available():
        raise _not_here("ResourceConfig.VolumeKmsKeyId on a machine without a file system in memory", "leave it out")
    count = cluster.count(request["ResourceConfig"])
    if count > INSTANCES:
        raise AwsError(
            "ResourceLimitExceeded",
            f"The account-level service limit 'Number of instances across training jobs' is {INSTANCES} Instances, "
            f"with current utilization of 0 Instances and a request delta of {count} Instances.",
        )


def _refuse_cluster(request: dict[str, Any]) -> None:
    """One type of instances, or groups of them: ResourceConfig in the API reference."""
    config = request["ResourceConfig"]
    groups, alone = config.get("InstanceGroups"), [name for name in ALONE if name in config]
    if groups and alone:
        raise invalid(f"ResourceConfig.{alone[0]} cannot be given together with InstanceGroups.")
    if groups and config.get("KeepAlivePeriodInSeconds"):
        raise invalid("KeepAlivePeriodInSeconds is not supported for heterogeneous clusters: leave it out.")
    for each in groups or [config]:
        missing = [name for name in ALONE if name not in each]
        if missing:
            raise invalid(f"ResourceConfig.{missing[0]} is required to run a training job in this region.")
        if each["InstanceCount"] < 1:
            raise invalid(f"ResourceConfig.InstanceCount={each['InstanceCount']} must be at least 1.")
    names = [group["InstanceGroupName"] for group in groups or []]
    if len(names) > len(set(names)):
        raise invalid(f"Instance group names must be unique: {', '.join(names)}")
    for name in _values(request, f"{SOURCE}.InstanceGroupNames"):
        unknown = [each for each in name if each not in names]
        if unknown:
            raise invalid(f"InstanceGroupNames has {unknown[0]}, which is no group of ResourceConfig.InstanceGroups.")


def refuse_update(request: dict[str, Any]) -> None:
    """The same for an UpdateTrainingJob request."""
    _refuse_any(request, NOT_UPDATED)


def invalid(message: str) -> AwsError:
    """SageMaker's answer to a request that makes no sense."""
    return AwsError("ValidationException", message)


def _refuse_any(request: dict[str, Any], paths: tuple[str, ...]) -> None:
    for path in paths:
        if any(value not in ("", [], {}) for value in _values(request, path)):
            raise _not_here(path, "leave it out")


def _refuse_entry_point(specification: dict[str, Any]) -> None:
    """An entry point names its files below /opt/ml, which a program has only in a sandbox."""
    given = [name for name in ("ContainerEntrypoint", "ContainerArguments") if specification.get(name)]
    if given == ["ContainerArguments"]:
        raise _not_here("ContainerArguments without ContainerEntrypoint", "give both")
    if given and not sandbox.available():
        raise _not_here(f"{given[0]} on a machine that permits no Linux namespaces", "leave it out")


def _not_here(what: str, instead: str) -> AwsError:
    return invalid(f"{what} is not supported by the local region: {instead}.")


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
