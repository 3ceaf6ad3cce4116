"""Prepares a job's folder for its supervisor, and starts the supervisor."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from apps.localregion.compute.channels import download
from apps.localregion.compute.durable import write_json
from apps.localregion.compute.folder import JobFolder
from apps.localregion.compute.logstreams import LogStreams
from apps.localregion.images import catalogue
from apps.localregion.store.objects import Objects

LOG_GROUP = "/aws/sagemaker/TrainingJobs"
HOST = "algo-1"
STOP_GRACE_SECONDS = 120  # SageMaker: SIGTERM, then 120 seconds to save (StopTrainingJob in the API reference)
ROOT = Path(__file__).parents[3]  # where the package `apps` lies
CHANNEL_FACTS = ("ContentType", "RecordWrapperType")


def prepare(body: dict[str, Any], folder: JobFolder, objects: Objects, logs: LogStreams) -> None:
    """Lay out /opt/ml and bring the input; job.json comes last and says that all of it is there.

    Doing it again starts afresh. Raises channels.DownloadFailed.
    """
    shutil.rmtree(folder.path, ignore_errors=True)
    folder.make()
    channels = body.get("InputDataConfig", [])
    folder.configure("hyperparameters", body.get("HyperParameters", {}))
    folder.configure("resourceconfig", _resources(body["ResourceConfig"]))
    folder.configure("inputdataconfig", {each["ChannelName"]: _channel(body, each) for each in channels})
    for channel in channels:
        download(objects, channel, folder.ml / "input" / "data")
    write_json(folder.job, _job(body, folder, logs))


def start_supervisor(folder: JobFolder) -> subprocess.Popen[bytes]:
    """Start the supervisor, out of reach of this process's end and of its terminal."""
    return subprocess.Popen(
        [sys.executable, "-m", "apps.localregion.compute.supervisor", str(folder.path)],
        cwd="/",
        env={"PATH": os.defpath, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _job(body: dict[str, Any], folder: JobFolder, logs: LogStreams) -> dict[str, Any]:
    image = catalogue.find(body["AlgorithmSpecification"]["TrainingImage"])
    name = body["TrainingJobName"]
    return {
        "command": [sys.executable, "-u", "-m", image.train],
        "working_folder": str(folder.ml),
        "environment": _environment(body, folder),
        "log": str(logs.path(LOG_GROUP, f"{name}/{HOST}-{int(time.time())}")),
        "metric_definitions": [*image.metric_definitions],
        "max_runtime_seconds": body["StoppingCondition"]["MaxRuntimeInSeconds"],
        "stop_grace_seconds": STOP_GRACE_SECONDS,
    }


def _environment(body: dict[str, Any], folder: JobFolder) -> dict[str, str]:
    """What the program sees: nothing of the region's own environment, but the request's, and where it lives."""
    arn = body["TrainingJobArn"]
    region = arn.split(":")[3]
    return {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "HOME": str(folder.path),
        # Threads that wait sleep instead of spinning: two jobs at once on two cores took 22 s with, 2 s without.
        "OMP_WAIT_POLICY": "PASSIVE",
        "TRAINING_JOB_NAME": body["TrainingJobName"],
        "TRAINING_JOB_ARN": arn,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        **body.get("Environment", {}),
        "PYTHONPATH": str(ROOT),
        "SAGEMAKER_BASE_DIR": str(folder.ml),
        "TMPDIR": str(folder.temporary),
    }


def _resources(config: dict[str, Any]) -> dict[str, Any]:
    """The container's resourceconfig.json."""
    group = {
        "instance_group_name": "homogeneousCluster",
        "instance_type": config["InstanceType"],
        "hosts": [HOST],
    }
    return {
        "current_host": HOST,
        "current_instance_type": config["InstanceType"],
        "current_group_name": "homogeneousCluster",
        "hosts": [HOST],
        "instance_groups": [group],
        "network_interface_name": "eth0",
    }


def _channel(body: dict[str, Any], channel: dict[str, Any]) -> dict[str, Any]:
    """A channel's entry of the container's inputdataconfig.json."""
    source = channel["DataSource"]["S3DataSource"]
    return {
        "TrainingInputMode": channel.get("InputMode", body["AlgorithmSpecification"]["TrainingInputMode"]),
        "S3DistributionType": source.get("S3DataDistributionType", "FullyReplicated"),
        **{fact: channel[fact] for fact in CHANNEL_FACTS if fact in channel},
    }
