"""Folders that are kept in step with S3 while a job runs: its checkpoints and its TensorBoard logs.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-checkpoints.html
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from apps.localregion.compute import channels, s3uri
from apps.localregion.compute.folder import HostFolder
from apps.localregion.store.objects import Objects

INTERVAL_SECONDS = 5.0

Body = dict[str, Any]
Seen = dict[Path, tuple[int, int]]  # what is in S3 already: size and modification time, nanoseconds


def any_of(body: Body) -> bool:
    """Whether the job has such a folder."""
    return bool(_pairs(body))


def restore(objects: Objects, body: Body, hosts: Sequence[HostFolder]) -> None:
    """Bring the checkpoints of an earlier run; raises sources.DownloadFailed."""
    for host in hosts:
        for path, _ in _pairs(body):
            host.local(path).mkdir(parents=True, exist_ok=True)
        config = body.get("CheckpointConfig")
        if config:
            channels.fill(objects, config["S3Uri"].rstrip("/") + "/", host.local(config["LocalPath"]))


def save(objects: Objects, body: Body, hosts: Sequence[HostFolder], seen: Seen) -> None:
    """Store what is new or has changed since `seen`; what the program deletes stays in S3, as on SageMaker.

    Raises AwsError or OSError.
    """
    for path, uri in _pairs(body):
        for host in hosts:
            folder = host.local(path)
            for file in _files(folder):
                facts = file.stat()
                state = facts.st_size, facts.st_mtime_ns
                if seen.get(file) != state:
                    bucket, key = s3uri.split(s3uri.join(uri, file.relative_to(folder).as_posix()))
                    objects.put_file(bucket, key, file)
                    seen[file] = state


def _files(folder: Path) -> Iterator[Path]:
    """The files below a folder; a program may remove them while we look."""
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())


def _pairs(body: Body) -> list[tuple[str, str]]:
    """The container's path and the S3 address of each folder."""
    found = []
    if "CheckpointConfig" in body:
        found.append((body["CheckpointConfig"]["LocalPath"], body["CheckpointConfig"]["S3Uri"]))
    if "TensorBoardOutputConfig" in body:
        config = body["TensorBoardOutputConfig"]
        address = s3uri.join(config["S3OutputPath"], body["TrainingJobName"], "tensorboard-output")
        found.append((config["LocalPath"], address))
    return found
