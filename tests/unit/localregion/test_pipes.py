"""Pipe mode: what goes through a channel's FIFOs, epoch after epoch."""

import gzip
import json
import struct
from pathlib import Path
from typing import Any

import pytest

from apps.localregion.compute.channels import bring
from apps.localregion.compute.folder import HostFolder
from apps.localregion.compute.pipes import MAGIC, Feeder
from apps.localregion.store.objects import Objects


@pytest.fixture
def objects(tmp_path: Path) -> Objects:
    """A store with one bucket."""
    store = Objects(tmp_path / "region.sqlite3", tmp_path / "blobs")
    store.create_bucket("data")
    return store


def put(objects: Objects, tmp_path: Path, key: str, content: bytes) -> None:
    """Store an object."""
    source = tmp_path / "source"
    source.write_bytes(content)
    objects.put_file("data", key, source)


def feed(objects: Objects, host: HostFolder, source: dict[str, Any], **changes: Any) -> Path:
    """Feed a channel "train" of this S3DataSource; answers the path of its FIFOs, without the epoch."""
    host.make()
    channel = {"ChannelName": "train", "DataSource": {"S3DataSource": source}, **changes}
    bring(objects, channel, "Pipe", [host])
    Feeder(host.pipes / "train.json").start()
    return host.ml / "input" / "data" / "train"


def epoch(fifo: Path, number: int) -> bytes:
    """All of one epoch."""
    return Path(f"{fifo}_{number}").read_bytes()


def records(stream: bytes) -> list[bytes]:
    """The records of a RecordIO stream."""
    found, position = [], 0
    while position < len(stream):
        magic, length = struct.unpack_from("<II", stream, position)
        assert magic == MAGIC
        found.append(stream[position + 8 : position + 8 + length])
        position += 8 + length + -length % 4
    return found


PREFIX = {"S3DataType": "S3Prefix", "S3Uri": "s3://data/set/"}


def test_each_epoch_brings_all_objects_in_order(objects: Objects, tmp_path: Path) -> None:
    for number in range(3):
        put(objects, tmp_path, f"set/{number}", f"{number}\n".encode())
    fifo = feed(objects, HostFolder(tmp_path / "host", "algo-1"), PREFIX)
    assert [epoch(fifo, number) for number in range(3)] == [b"0\n1\n2\n"] * 3


def test_a_program_may_leave_an_epoch_early(objects: Objects, tmp_path: Path) -> None:
    put(objects, tmp_path, "set/large", b"x" * (1 << 22))
    fifo = feed(objects, HostFolder(tmp_path / "host", "algo-1"), PREFIX)
    with Path(f"{fifo}_0").open("rb") as early:
        assert early.read(10) == b"x" * 10
    assert len(epoch(fifo, 1)) == 1 << 22


def test_compressed_objects_come_as_their_contents(objects: Objects, tmp_path: Path) -> None:
    for number in range(2):
        put(objects, tmp_path, f"set/{number}", gzip.compress(f"{number}\n".encode()))
    fifo = feed(objects, HostFolder(tmp_path / "host", "algo-1"), PREFIX, CompressionType="Gzip")
    assert epoch(fifo, 0) == b"0\n1\n"


def test_objects_are_wrapped_as_records(objects: Objects, tmp_path: Path) -> None:
    contents = [b"", b"a", b"four", b"sevensy"]
    for number, content in enumerate(contents):
        put(objects, tmp_path, f"set/{number}", content)
    fifo = feed(objects, HostFolder(tmp_path / "host", "algo-1"), PREFIX, RecordWrapperType="RecordIO")
    assert records(epoch(fifo, 0)) == contents


def test_a_shuffled_channel_has_another_order_each_epoch(objects: Objects, tmp_path: Path) -> None:
    for number in range(20):
        put(objects, tmp_path, f"set/{number:02}", f"{number:02}\n".encode())
    fifo = feed(objects, HostFolder(tmp_path / "host", "algo-1"), PREFIX, ShuffleConfig={"Seed": 7})
    epochs = [epoch(fifo, number).split() for number in range(3)]
    assert len({tuple(each) for each in epochs}) == 3
    assert all(sorted(each) == [f"{number:02}".encode() for number in range(20)] for each in epochs)


def test_an_augmented_manifest_brings_its_attributes_line_by_line(objects: Objects, tmp_path: Path) -> None:
    put(objects, tmp_path, "photos/one", b"ONE")
    put(objects, tmp_path, "photos/two", b"TWO")
    lines = [
        {"source-ref": "s3://data/photos/one", "class": 1, "ignored": "x"},
        {"source-ref": "s3://data/photos/two", "class": {"is": "cat"}},
    ]
    put(objects, tmp_path, "list", "\n".join(map(json.dumps, lines)).encode())
    source = {
        "S3DataType": "AugmentedManifestFile",
        "S3Uri": "s3://data/list",
        "AttributeNames": ["source-ref", "class"],
    }
    fifo = feed(objects, HostFolder(tmp_path / "host", "algo-1"), source, RecordWrapperType="RecordIO")
    assert records(epoch(fifo, 0)) == [b"ONE", b"1", b"TWO", b'{"is": "cat"}']
