"""A transform job's own: its folder made ready, its outputs brought to S3, its words for how it ended."""

from __future__ import annotations

import sys
import time
import zlib
from typing import Any

from apps.localregion.compute import channels, limits, models, s3uri, sandbox, volumes
from apps.localregion.compute.artifacts import UploadFailed
from apps.localregion.compute.batches import Kind
from apps.localregion.compute.cluster import HOMOGENEOUS, Instance
from apps.localregion.compute.container import base_environment
from apps.localregion.compute.durable import write_json
from apps.localregion.compute.folder import HostFolder, JobFolder
from apps.localregion.compute.launch import STOP_GRACE_SECONDS
from apps.localregion.compute.logstreams import LogStreams
from apps.localregion.compute.outcome import failure_reason
from apps.localregion.compute.sources import DownloadFailed
from apps.localregion.compute.statuses import LOST
from apps.localregion.compute.transform_agent import SEE_LOGS
from apps.localregion.errors import AwsError
from apps.localregion.store.documents import Documents
from apps.localregion.store.objects import Objects

LOG_GROUP = "/aws/sagemaker/TransformJobs"
FOREVER = 10 * 365 * 86400.0  # a transform job has no longest time
CHANNEL = "transform"  # below input/data, as a training job's channel
OUTPUT = "output/transformed"  # below /opt/ml
MODEL = "model"  # the kind of documents
TIMEOUT_SECONDS, RETRIES = 600, 3  # "ModelClientConfig" in the API reference
STRATEGY = ("MaxConcurrentTransforms", "MaxPayloadInMB", "BatchStrategy")

Body = dict[str, Any]


def prepare(body: Body, folder: JobFolder, objects: Objects, logs: LogStreams, documents: Documents) -> None:
    """Lay out each instance with its share of the input; job.json comes last and says that all of it is there.

    Doing it again starts afresh. Raises DownloadFailed.
    """
    folder.reset()
    model = documents.get(MODEL, body["ModelName"])
    if model is None:
        raise DownloadFailed(f'Could not find model "{body["ModelName"]}".')
    resources = body["TransformResources"]
    hosts = [folder.host(f"algo-{number}") for number in range(1, resources["InstanceCount"] + 1)]
    for host in hosts:
        if resources.get("VolumeKmsKeyId"):
            volumes.place(host.path)
        host.make()
        (host.ml / OUTPUT).mkdir(exist_ok=True)
    source = {**body["TransformInput"]["DataSource"]["S3DataSource"], "S3DataDistributionType": "ShardedByS3Key"}
    channels.bring(objects, {"ChannelName": CHANNEL, "DataSource": {"S3DataSource": source}}, "File", hosts)
    stamp = int(time.time())
    streams = {host.name: f"{body['TransformJobName']}/{host.name}-{stamp}" for host in hosts}
    for host in hosts:
        write_json(host.path / "transform.json", _plan(body, model, host, objects, logs, streams[host.name]))
    if sandbox.available():
        sandbox.write_hosts(folder.hosts_file, [host.name for host in hosts])
    write_json(folder.job, _job(body, model, folder, hosts, logs, streams))


def upload(body: Body, folder: JobFolder, objects: Objects, status: str) -> None:
    """Store the outputs that are whole, each once, however the job ends; raises UploadFailed."""
    config = body["TransformOutput"]
    for host in folder.hosts():
        outputs = host.ml / OUTPUT
        for path in sorted(outputs.rglob("*.out")):
            if path.name[0] == ".":
                continue
            name = path.relative_to(outputs).as_posix()
            address = s3uri.join(config["S3OutputPath"], name)
            try:
                objects.put_file(*s3uri.split(address), path, kms_key=config.get("KmsKeyId", ""))
            except AwsError as error:
                raise UploadFailed(f"{address}: {error.message or error.code}") from error
            except OSError as error:
                raise UploadFailed(f"{address}: {error.strerror}") from error
            path.unlink()


def outcome(record: Body, folder: JobFolder) -> Body:
    """How the job ended, from its exit record."""
    if record["reason"] == "stopped":
        return {"Status": "Failed", "FailureReason": LOST}
    if record["exit_code"] == 0:
        return {"Status": "Completed"}
    told = record["failure"].strip()
    if not told and (record["out_of_memory"] or record["disk_full"]):
        told = failure_reason(record)
    ended = f"AlgorithmError: The instance's program ended with exit code {record['exit_code']}. {SEE_LOGS}"
    return {"Status": "Failed", "FailureReason": told or ended}


KIND = Kind("transform-job", "TransformJob", LOG_GROUP, prepare, upload, outcome)


def _plan(body: Body, model: Body, host: HostFolder, objects: Objects, logs: LogStreams, stream: str) -> Body:
    """What the instance's agent needs to know."""
    given, output, client = body["TransformInput"], body["TransformOutput"], body.get("ModelClientConfig", {})
    processing = body.get("DataProcessing", {})
    strategy = {name: body[name] for name in STRATEGY if name in body}
    told = {"SAGEMAKER_BATCH": "true", **body.get("Environment", {}), "TMPDIR": str(host.temporary)}
    bucket, prefix = s3uri.split(given["DataSource"]["S3DataSource"]["S3Uri"])
    return {
        "working_folder": str(host.ml),
        "containers": models.make_ready(
            model, host, objects, body["TransformResources"]["InstanceType"], _region(body), told
        ),
        "input": str(host.ml / "input" / "data" / CHANNEL),
        "output": str(host.ml / OUTPUT),
        "failure": str(host.failure),
        "data_log": str(logs.path(LOG_GROUP, f"{stream}/data-log")),
        "source": f"{bucket}/{prefix[: prefix.rfind('/') + 1]}",
        "content_type": given.get("ContentType", ""),
        "gzipped": given.get("CompressionType") == "Gzip",
        "split": given.get("SplitType", "None"),
        "accept": output.get("Accept", ""),
        "assemble": output.get("AssembleWith", "None"),
        "strategy": strategy,
        "timeout_seconds": client.get("InvocationsTimeoutInSeconds", TIMEOUT_SECONDS),
        "retries": client.get("InvocationsMaxRetries", RETRIES),
        "input_filter": processing.get("InputFilter") or "$",
        "output_filter": processing.get("OutputFilter") or "$",
        "joined": processing.get("JoinSource") == "Input",
    }


def _job(
    body: Body, model: Body, folder: JobFolder, hosts: list[HostFolder], logs: LogStreams, streams: dict[str, str]
) -> Body:
    instance = Instance("", HOMOGENEOUS, body["TransformResources"]["InstanceType"])
    allowed, sandboxed = limits.of(instance.type), sandbox.available()
    return {
        "hosts": [
            {
                "name": host.name,
                "command": [
                    sys.executable,
                    "-u",
                    "-m",
                    "apps.localregion.compute.transform_agent",
                    str(host.path / "transform.json"),
                ],
                "working_folder": str(host.ml),
                "environment": base_environment(host, _region(body)),
                "cpus": allowed.cpus,
                "memory_bytes": allowed.memory,
                "log": str(logs.path(LOG_GROUP, streams[host.name])),
            }
            for host in hosts
        ],
        "hosts_file": str(folder.hosts_file) if sandboxed else "",
        "isolated": sandboxed and model["EnableNetworkIsolation"],
        "group": f"{body['TransformJobName']}-{zlib.crc32(str(folder.path).encode()):08x}",
        "volume_bytes": 0,
        "metric_definitions": [],
        "max_runtime_seconds": FOREVER,
        "stop_grace_seconds": STOP_GRACE_SECONDS,
    }


def _region(body: Body) -> str:
    region: str = body["TransformJobArn"].split(":")[3]
    return region
