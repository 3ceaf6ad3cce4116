"""Brings a job's input from S3 into /opt/ml/input/data, as SageMaker's File mode does."""

import os
import shutil
from pathlib import Path, PurePosixPath
from typing import Any

from apps.localregion.compute import s3uri
from apps.localregion.store.objects import Objects


class DownloadFailed(Exception):
    """An input could not be brought to the job; the text goes into FailureReason."""


def download(objects: Objects, channel: dict[str, Any], data: Path) -> None:
    """Fill `data`/<channel name> with hard links to the blobs under the channel's S3 prefix.

    Raises DownloadFailed when nothing is there or a key makes no file name.
    """
    folder = data / channel["ChannelName"]
    folder.mkdir(parents=True)
    uri = channel["DataSource"]["S3DataSource"]["S3Uri"]
    bucket, prefix = s3uri.split(uri)
    files = [stored for stored in objects.list(bucket, prefix) if not stored.key.endswith("/")]
    if not files:
        raise DownloadFailed(f"No S3 objects found under S3 URL {uri}")
    for stored in files:
        _place(stored.blob, folder / _name(stored.key, prefix))


def _name(key: str, prefix: str) -> PurePosixPath:
    """Where the object goes below its channel: the key without the prefix's folder."""
    if key.startswith(f"{prefix.rstrip('/')}/"):
        name = key[len(prefix.rstrip("/")) + 1 :]
    else:
        name = key[prefix.rfind("/") + 1 :]
    path = PurePosixPath(name)
    if path.is_absolute() or not path.parts or ".." in path.parts or "\0" in name:
        raise DownloadFailed(f"the S3 key {key!r} makes no file name")
    return path


def _place(blob: Path, target: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(blob, target)
        except OSError:  # another volume, or too many links to one file
            shutil.copyfile(blob, target)
    except OSError as error:
        raise DownloadFailed(f"{target.name} cannot be written: {error.strerror}") from error
