"""Brings a job's input from S3 to its instances, in the way that each channel's input mode wants it.

File and FastFile: files below /opt/ml/input/data/<channel>, there before the program starts (FastFile streams them
on AWS, which a local disk need not). Pipe: files that feed the FIFOs, see pipes.py.
"""

import errno
import os
import random
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path, PurePosixPath
from typing import Any

from apps.localregion.compute.durable import write_json
from apps.localregion.compute.folder import HostFolder
from apps.localregion.compute.sources import DownloadFailed, Unit, units
from apps.localregion.errors import AwsError
from apps.localregion.store.objects import Objects
from apps.localregion.store.pieces import Damaged
from apps.localregion.store.stored import StoredObject

COPY_BYTES = 1 << 20


def bring(objects: Objects, channel: dict[str, Any], mode: str, hosts: Sequence[HostFolder]) -> None:
    """Bring a channel to every instance, all of it or a shard each; raises sources.DownloadFailed."""
    found, shuffle = units(objects, channel), channel.get("ShuffleConfig")
    if shuffle:
        random.Random(shuffle["Seed"]).shuffle(found)  # noqa: S311 - an order, no secret
    sharded = channel["DataSource"]["S3DataSource"].get("S3DataDistributionType") == "ShardedByS3Key"
    for number, host in enumerate(hosts):
        shard = found[number :: len(hosts)] if sharded else found
        if mode == "Pipe":
            _lay_pipe(objects, channel, shard, host)
        else:
            _lay_files(objects, shard, host.ml / "input" / "data" / channel["ChannelName"])


def lay(objects: Objects, source: dict[str, Any], folders: Sequence[Path]) -> None:
    """Files of an S3 source in a folder of each instance, all of it or a shard each; raises sources.DownloadFailed."""
    found = units(objects, {"DataSource": {"S3DataSource": source}})
    sharded = source.get("S3DataDistributionType") == "ShardedByS3Key"
    for number, folder in enumerate(folders):
        _lay_files(objects, found[number :: len(folders)] if sharded else found, folder)


def fill(objects: Objects, uri: str, folder: Path) -> None:
    """Copies of all objects under an S3 prefix, which may be none; raises sources.DownloadFailed."""
    channel = {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}}}
    try:
        found = units(objects, channel)
    except DownloadFailed:
        return
    for name, stored in _objects(found):
        _place(objects, stored, folder / name, own=True)


def _lay_files(objects: Objects, shard: list[Unit], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, stored in _objects(shard):
        _place(objects, stored, folder / name)


def _objects(found: list[Unit]) -> Iterator[tuple[PurePosixPath, StoredObject]]:
    return ((part.name, part.stored) for unit in found for part in unit if part.stored is not None)


def _lay_pipe(objects: Objects, channel: dict[str, Any], shard: list[Unit], host: HostFolder) -> None:
    """Files, and a plan that says in which order they go through the FIFO, each unit a list of parts."""
    folder = host.pipes / channel["ChannelName"]
    folder.mkdir(parents=True)
    plan: list[list[dict[str, str]]] = []
    for unit in shard:
        parts = []
        for part in unit:
            if part.stored is None:
                parts.append({"text": part.text})
            else:
                file = folder / part.stored.digest
                if not file.exists():
                    _place(objects, part.stored, file)
                parts.append({"file": str(file)})
        plan.append(parts)
    write_json(
        host.pipes / f"{channel['ChannelName']}.json",
        {
            "fifo": str(host.ml / "input" / "data" / channel["ChannelName"]),
            "gzip": channel.get("CompressionType") == "Gzip",
            "recordio": channel.get("RecordWrapperType") == "RecordIO",
            "seed": channel.get("ShuffleConfig", {}).get("Seed"),
            "units": plan,
        },
    )


def _place(objects: Objects, stored: StoredObject, target: Path, *, own: bool = False) -> None:
    """A link to the blob, which is read-only; for root, whom that does not stop, and for `own` files a copy."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if not own and os.geteuid() != 0:
            try:
                objects.bring(stored, target)
                return
            except OSError as error:
                if error.errno != errno.EXDEV:  # no link leads into a volume that lies elsewhere
                    raise
        with closing(objects.open(stored)) as source, target.open("xb") as file:
            while piece := source.read(COPY_BYTES):
                file.write(piece)
    except OSError as error:
        raise DownloadFailed(f"{target.name} cannot be written: {error.strerror}") from error
    except (AwsError, Damaged) as error:
        raise DownloadFailed(f"s3://{stored.bucket}/{stored.key} cannot be read: {error}") from error
