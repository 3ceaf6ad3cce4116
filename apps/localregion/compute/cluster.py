"""The instances of a job: all of one type, or in groups of a type each.

https://docs.aws.amazon.com/sagemaker/latest/dg/train-heterogeneous-cluster.html
"""

from dataclasses import dataclass
from typing import Any

HOMOGENEOUS = "homogeneousCluster"  # SageMaker's name of the group that a job without groups has

Body = dict[str, Any]


@dataclass(frozen=True)
class Instance:
    """One instance: its name ("algo-2"), its group's, and its type."""

    name: str
    group: str
    type: str


def instances(config: Body) -> list[Instance]:
    """The instances of a ResourceConfig, in the order of its groups."""
    alone = {"InstanceGroupName": HOMOGENEOUS, **config}
    each = [group for group in config.get("InstanceGroups", [alone]) for _ in range(group["InstanceCount"])]
    return [
        Instance(f"algo-{number}", group["InstanceGroupName"], group["InstanceType"])
        for number, group in enumerate(each, 1)
    ]


def count(config: Body) -> int:
    """How many instances a ResourceConfig asks for."""
    return sum(group["InstanceCount"] for group in config.get("InstanceGroups", [config]))


def receives(channel: Body, instance: Instance) -> bool:
    """Whether a channel's data goes to the instance: to all, unless it names groups."""
    names = channel["DataSource"]["S3DataSource"].get("InstanceGroupNames")
    return not names or instance.group in names
