"""A processing job's own: its folder made ready, its outputs brought to S3, its words for how it ended.

https://docs.aws.amazon.com/sagemaker/latest/dg/build-your-own-processing-container.html
"""

from __future__ import annotations

import sys
import time
import zlib
from pathlib import Path
from typing import Any

from apps.localregion.compute import channels, container, limits, s3uri, sandbox, volumes
from apps.localregion.compute.artifacts import UploadFailed
from apps.localregion.compute.batches import Kind
from apps.localregion.compute.durable import read_json, write_json
from apps.localregion.compute.folder import HostFolder, JobFolder
from apps.localregion.compute.launch import GIB, STOP_GRACE_SECONDS, host_names
from apps.localregion.compute.logstreams import LogStreams
from apps.localregion.compute.outcome import NO_SPACE, failure_reason
from apps.localregion.compute.statuses import LOST
from apps.localregion.errors import AwsError
from apps.localregion.images import catalogue
from apps.localregion.store.documents import Documents
from apps.localregion.store.objects import Objects

LOG_GROUP = "/aws/sagemaker/ProcessingJobs"
MESSAGE_LENGTH = 1024  # "ExitMessage" in the API reference
# What of a job's document its container is told in processingjobconfig.json.
TOLD = (
    "ProcessingJobArn",
    "ProcessingJobName",
    "AppSpecification",
    "Environment",
    "ProcessingInputs",
    "ProcessingOutputConfig",
    "ProcessingResources",
    "RoleArn",
    "StoppingCondition",
)

Body = dict[str, Any]


def prepare(body: Body, folder: JobFolder, objects: Objects, logs: LogStreams, documents: Documents) -> None:
    """Lay out each instance and bring its input; job.json comes last and says that all of it is there.

    Doing it again starts afresh. Raises DownloadFailed.
    """
    folder.reset()
    cluster = body["ProcessingResources"]["ClusterConfig"]
    hosts = [folder.host(f"algo-{number}") for number in range(1, cluster["InstanceCount"] + 1)]
    addresses = host_names(len(hosts))
    for host, address in zip(hosts, addresses, strict=True):
        if cluster.get("VolumeKmsKeyId"):
            volumes.place(host.path)
        _make(host, body, addresses, address)
    for each in body.get("ProcessingInputs", []):
        source = each["S3Input"]
        channels.lay(objects, source, [host.local(source["LocalPath"]) for host in hosts])
    image = catalogue.find(body["AppSpecification"]["ImageUri"])
    for host in hosts:
        if image.content:
            channels.fill(objects, image.content, host.ml / "image")
    if sandbox.available():
        sandbox.write_hosts(folder.hosts_file, addresses)
    write_json(folder.job, _job(body, folder, hosts, image, logs))


def upload(body: Body, folder: JobFolder, objects: Objects, status: str) -> None:
    """Store what the job has written: Continuous outputs as they change, others once it has completed.

    Raises UploadFailed.
    """
    config = body.get("ProcessingOutputConfig", {"Outputs": []})
    for output in config["Outputs"]:
        target = output["S3Output"]
        continuous = target["S3UploadMode"] == "Continuous"
        if not continuous and status != "Completed":
            continue
        for host in folder.hosts():
            _store(host, target, objects, config.get("KmsKeyId", ""))


def outcome(record: Body, folder: JobFolder) -> Body:
    """How the job ended, from its exit record and the message that its container left."""
    message = folder.ml / "output" / "message"
    told = {"ExitMessage": message.read_text(errors="replace")[:MESSAGE_LENGTH]} if message.is_file() else {}
    if record["reason"] == "max_runtime":
        return {"Status": "Stopped", **told}
    if record["reason"] == "volume_full":
        return {"Status": "Failed", "FailureReason": f"{NO_SPACE}: use a larger VolumeSizeInGB", **told}
    if record["reason"] == "stopped":
        return {"Status": "Failed", "FailureReason": LOST, **told}
    if record["exit_code"] == 0:
        return {"Status": "Completed", **told}
    return {"Status": "Failed", "FailureReason": failure_reason(record), **told}


KIND = Kind("processing-job", "ProcessingJob", LOG_GROUP, prepare, upload, outcome)


def _make(host: HostFolder, body: Body, addresses: list[str], address: str) -> None:
    """The folders of one instance, and what its container is told about the job."""
    for part in ("config", "output", "processing"):
        (host.ml / part).mkdir(parents=True, exist_ok=True)
    host.temporary.mkdir(exist_ok=True)
    for output in body.get("ProcessingOutputConfig", {}).get("Outputs", []):
        host.local(output["S3Output"]["LocalPath"]).mkdir(parents=True, exist_ok=True)
    config = host.ml / "config"
    write_json(config / "processingjobconfig.json", {name: body[name] for name in TOLD if name in body})
    write_json(config / "resourceconfig.json", {"current_host": address, "hosts": addresses})


def _store(host: HostFolder, target: Body, objects: Objects, key: str) -> None:
    """The files of one output that are new or have changed since the last time, of which a file keeps note."""
    folder, note = host.local(target["LocalPath"]), host.path / "uploaded.json"
    seen: dict[str, list[int]] = read_json(note) or {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        state = path.stat()
        version = [state.st_mtime_ns, state.st_size]
        if seen.get(str(path)) == version:
            continue
        address = s3uri.join(target["S3Uri"], path.relative_to(folder).as_posix())
        _put(objects, address, path, key)
        seen[str(path)] = version
    write_json(note, seen)


def _put(objects: Objects, address: str, path: Path, key: str) -> None:
    try:
        objects.put_file(*s3uri.split(address), path, kms_key=key)
    except AwsError as error:
        raise UploadFailed(f"{address}: {error.message or error.code}") from error
    except OSError as error:
        raise UploadFailed(f"{address}: {error.strerror}") from error


def _job(body: Body, folder: JobFolder, hosts: list[HostFolder], image: catalogue.Image, logs: LogStreams) -> Body:
    cluster, sandboxed = body["ProcessingResources"]["ClusterConfig"], sandbox.available()
    allowed, stamp = limits.of(cluster["InstanceType"]), int(time.time())
    return {
        "hosts": [
            {
                "name": host.name,
                "command": _command(body["AppSpecification"], image),
                "working_folder": str(host.ml),
                "environment": _environment(body, host, cluster["InstanceType"], image),
                "cpus": allowed.cpus,
                "memory_bytes": allowed.memory,
                "log": str(logs.path(LOG_GROUP, f"{body['ProcessingJobName']}/{host.name}-{stamp}")),
            }
            for host in hosts
        ],
        "hosts_file": str(folder.hosts_file) if sandboxed else "",
        "isolated": sandboxed and body.get("NetworkConfig", {}).get("EnableNetworkIsolation", False),
        "group": f"{body['ProcessingJobName']}-{zlib.crc32(str(folder.path).encode()):08x}",
        "volume_bytes": cluster["VolumeSizeInGB"] * GIB,
        "metric_definitions": [],
        "max_runtime_seconds": float(body["StoppingCondition"]["MaxRuntimeInSeconds"]),
        "stop_grace_seconds": STOP_GRACE_SECONDS,
    }


def _command(specification: Body, image: catalogue.Image) -> list[str]:
    """The request's entry point, within a user's own image if it is one."""
    given = [*specification.get("ContainerEntrypoint", []), *specification.get("ContainerArguments", [])]
    return [sys.executable, "-u", "-m", image.process, *image.arguments, *given] if image.process else given


def _environment(body: Body, host: HostFolder, instance_type: str, image: catalogue.Image) -> dict[str, str]:
    """What the program sees; the region's own modules only where one of them starts it."""
    arn = body["ProcessingJobArn"]
    base = container.base_environment(host, arn.split(":")[3])
    told = {
        **base,
        **limits.of(instance_type).environment(),
        "PYTHONUNBUFFERED": "1",
        "PROCESSING_JOB_NAME": body["ProcessingJobName"],
        "PROCESSING_JOB_ARN": arn,
        **body.get("Environment", {}),
        **{name: base[name] for name in container.OURS},
    }
    return told if image.process else {name: told[name] for name in told if name != "PYTHONPATH"}
