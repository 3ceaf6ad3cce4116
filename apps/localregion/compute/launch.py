"""Prepares a job's folder for its supervisor, and starts the supervisor."""

import os
import subprocess
import sys
import time
import zlib
from typing import Any

from apps.localregion.compute import channels, cluster, container, limits, sandbox, synced, volumes
from apps.localregion.compute.durable import write_json
from apps.localregion.compute.folder import FIRST, HostFolder, JobFolder
from apps.localregion.compute.logstreams import LogStreams
from apps.localregion.images import catalogue
from apps.localregion.store.objects import Objects

LOG_GROUP = "/aws/sagemaker/TrainingJobs"
HOST = FIRST
STOP_GRACE_SECONDS = 120  # SageMaker: SIGTERM, then 120 seconds to save (StopTrainingJob in the API reference)
GIB = 1 << 30

Body = dict[str, Any]


def prepare(body: Body, folder: JobFolder, objects: Objects, logs: LogStreams) -> None:
    """Lay out each instance's /opt/ml and bring the input; job.json comes last and says that all of it is there.

    Doing it again starts afresh. Raises sources.DownloadFailed.
    """
    folder.reset()
    instances = cluster.instances(body["ResourceConfig"])
    hosts = [folder.host(instance.name) for instance in instances]
    names = host_names(len(hosts))
    encrypted = bool(body["ResourceConfig"].get("VolumeKmsKeyId"))
    for place, host in enumerate(hosts):
        if encrypted:
            volumes.place(host.path)
        host.make()
        container.configure(body, host, names, place)
    for channel in body.get("InputDataConfig", []):
        receivers = [
            host for host, instance in zip(hosts, instances, strict=True) if cluster.receives(channel, instance)
        ]
        channels.bring(objects, channel, container.input_mode(body, channel), receivers)
    _bring_program(objects, body, hosts)
    synced.restore(objects, body, hosts)
    if sandbox.available():
        sandbox.write_hosts(folder.hosts_file, names)
    write_json(folder.job, _job(body, folder, hosts, names, logs))


def start_supervisor(folder: JobFolder) -> subprocess.Popen[bytes]:
    """Start the supervisor, out of reach of this process's end and of its terminal."""
    return subprocess.Popen(
        [sys.executable, "-m", "apps.localregion.compute.supervisor", str(folder.path)],
        cwd="/",
        env={"PATH": os.defpath, "PYTHONPATH": str(container.ROOT), "LANG": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _bring_program(objects: Objects, body: Body, hosts: list[HostFolder]) -> None:
    """What the image itself needs from S3: a user's own image, and script mode's code.

    SDKs write the hyperparameter as JSON, with quotes.
    """
    image = catalogue.find(body["AlgorithmSpecification"]["TrainingImage"])
    source = body.get("HyperParameters", {}).get("sagemaker_submit_directory", "").strip('"')
    for host in hosts:
        if image.content:
            channels.fill(objects, image.content, host.ml / "image")
        if source.startswith("s3://"):
            channels.fill(objects, source, host.ml / "input" / "source")


def host_names(count: int) -> list[str]:
    """The instances' names where they can be made to resolve, else addresses that need no resolving."""
    if sandbox.available():
        return [f"algo-{number}" for number in range(1, count + 1)]
    return ["localhost"] if count == 1 else [sandbox.address(number) for number in range(1, count + 1)]


def _job(body: Body, folder: JobFolder, hosts: list[HostFolder], names: list[str], logs: LogStreams) -> Body:
    image = catalogue.find(body["AlgorithmSpecification"]["TrainingImage"], body.get("HyperParameters", {}))
    resources, sandboxed, now = body["ResourceConfig"], sandbox.available(), time.time()
    return {
        "attempt": body.get("Attempt", 0),
        "hosts": [
            {
                "name": host.name,
                "command": _command(body["AlgorithmSpecification"], image),
                "working_folder": str(host.ml),
                "environment": container.environment(body, host, instance, name),
                "cpus": limits.of(instance.type).cpus,
                "memory_bytes": limits.of(instance.type).memory,
                "log": str(logs.path(LOG_GROUP, f"{body['TrainingJobName']}/{host.name}-{int(now)}")),
            }
            for instance, host, name in zip(cluster.instances(resources), hosts, names, strict=True)
        ],
        "hosts_file": str(folder.hosts_file) if sandboxed else "",
        "isolated": sandboxed and body["EnableNetworkIsolation"],
        # Another region on this machine may have a job of this name.
        "group": f"{body['TrainingJobName']}-{zlib.crc32(str(folder.path).encode()):08x}",
        "volume_bytes": resources.get("VolumeSizeInGB", 0) * GIB,
        "metric_definitions": _metric_definitions(body, image),
        "max_runtime_seconds": _runtime(body, now),
        "stop_grace_seconds": STOP_GRACE_SECONDS,
    }


def _command(specification: Body, image: catalogue.Image) -> list[str]:
    """What the job runs: the image's program, unless the request has an entry point of its own."""
    if "ContainerEntrypoint" in specification:
        return [*specification["ContainerEntrypoint"], *specification.get("ContainerArguments", [])]
    return [sys.executable, "-u", "-m", image.train, *image.arguments]


def _metric_definitions(body: Body, image: catalogue.Image) -> list[Body]:
    return [*image.metric_definitions] or body["AlgorithmSpecification"].get("MetricDefinitions", [])


def _runtime(body: Body, now: float) -> float:
    """The time the program has from now on; a spot job's ends with the time that its owner waits at most."""
    condition = body["StoppingCondition"]
    runtime = float(condition["MaxRuntimeInSeconds"])
    if "MaxWaitTimeInSeconds" not in condition:
        return runtime
    waited = now - float(body["CreationTime"])
    return max(0.0, min(runtime, float(condition["MaxWaitTimeInSeconds"]) - waited))
