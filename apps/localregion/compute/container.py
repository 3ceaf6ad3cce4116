"""What a training program finds around it, as in SageMaker's containers: its configuration and its environment.

https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo-running-container.html
"""

import os
import sys
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from apps.localregion.compute import cluster, limits
from apps.localregion.compute.cluster import Instance
from apps.localregion.compute.folder import HostFolder

ROOT = Path(__file__).parents[3]  # where the package `apps` lies
OURS = ("PYTHONPATH", "SAGEMAKER_BASE_DIR", "TMPDIR")  # of the environment: no request changes them
CHANNEL_FACTS = ("ContentType", "CompressionType", "RecordWrapperType")

Body = dict[str, Any]


def configure(body: Body, host: HostFolder, names: Sequence[str], place: int) -> None:
    """Write the container's input/config: `names` are the instances' as they resolve, at `place` this one's."""
    instances = cluster.instances(body["ResourceConfig"])
    channels = [each for each in body.get("InputDataConfig", []) if cluster.receives(each, instances[place])]
    host.configure("hyperparameters", body.get("HyperParameters", {}))
    host.configure("resourceconfig", _resources(instances, names, place))
    host.configure("inputdataconfig", {each["ChannelName"]: _channel(body, each) for each in channels})
    if "CheckpointConfig" in body:
        host.configure("checkpointconfig", body["CheckpointConfig"])


def input_mode(body: Body, channel: Body) -> str:
    """The input mode of a channel: its own or the algorithm's."""
    mode: str = channel.get("InputMode", body["AlgorithmSpecification"]["TrainingInputMode"])
    return mode


def environment(body: Body, host: HostFolder, instance: Instance, current: str) -> dict[str, str]:
    """What the program sees: nothing of the region's own environment, but the request's, and where it lives."""
    arn = body["TrainingJobArn"]
    base = base_environment(host, arn.split(":")[3])
    return {
        **base,
        **limits.of(instance.type).environment(),
        "TRAINING_JOB_NAME": body["TrainingJobName"],
        "TRAINING_JOB_ARN": arn,
        "CURRENT_HOST": current,
        **body.get("Environment", {}),
        **{name: base[name] for name in OURS},
    }


def base_environment(host: HostFolder, region: str) -> dict[str, str]:
    """What every program sees, whatever its job."""
    return {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "HOME": str(host.path),
        # Threads that wait sleep instead of spinning: two jobs at once on two cores took 22 s with, 2 s without.
        "OMP_WAIT_POLICY": "PASSIVE",
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "PYTHONPATH": str(ROOT),
        "SAGEMAKER_BASE_DIR": str(host.ml),
        "TMPDIR": str(host.temporary),
    }


def _resources(instances: Sequence[Instance], names: Sequence[str], place: int) -> Body:
    """The container's resourceconfig.json."""
    groups = groupby(zip(instances, names, strict=True), lambda each: (each[0].group, each[0].type))
    return {
        "current_host": names[place],
        "current_instance_type": instances[place].type,
        "current_group_name": instances[place].group,
        "hosts": [*names],
        "instance_groups": [
            {"instance_group_name": group, "instance_type": kind, "hosts": [name for _, name in members]}
            for (group, kind), members in groups
        ],
        "network_interface_name": "lo",
    }


def _channel(body: Body, channel: Body) -> Body:
    """A channel's entry of the container's inputdataconfig.json."""
    source = channel["DataSource"]["S3DataSource"]
    return {
        "TrainingInputMode": input_mode(body, channel),
        "S3DistributionType": source.get("S3DataDistributionType", "FullyReplicated"),
        **{fact: channel[fact] for fact in CHANNEL_FACTS if channel.get(fact, "None") != "None"},
    }
