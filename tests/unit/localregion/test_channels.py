"""S3 keys become files of a channel, and never anything outside it."""

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest

from apps.localregion.compute.channels import bring, fill
from apps.localregion.compute.folder import HostFolder
from apps.localregion.compute.sources import DownloadFailed
from apps.localregion.store.objects import Objects


@pytest.fixture
def objects(tmp_path: Path) -> Objects:
    """A store with one bucket."""
    store = Objects(tmp_path / "region.sqlite3", tmp_path / "blobs")
    store.create_bucket("data")
    return store


def put(objects: Objects, tmp_path: Path, *keys: str) -> None:
    """Store an object under each key, with the key as its content."""
    for key in keys:
        source = tmp_path / "source"
        source.write_text(key)
        objects.put_file("data", key, source)


def store(objects: Objects, tmp_path: Path, key: str, text: str) -> None:
    """Store a text."""
    source = tmp_path / "source"
    source.write_text(text)
    objects.put_file("data", key, source)


def files(objects: Objects, uri: str, data: Path) -> dict[str, str]:
    """Name and content of the files of a channel with this S3 address."""
    host = HostFolder(data, "algo-1")
    bring(objects, channel(uri), "File", [host])
    return read(host)


def channel(uri: str, kind: str = "S3Prefix", **changes: Any) -> dict[str, Any]:
    """A channel "train" at this S3 address; changes are of the channel or, if they are its members, of the source."""
    source = {"S3DataType": kind, "S3Uri": uri}
    for member in ("S3DataDistributionType", "AttributeNames"):
        if member in changes:
            source[member] = changes.pop(member)
    return {"ChannelName": "train", "DataSource": {"S3DataSource": source}, **changes}


def read(host: HostFolder) -> dict[str, str]:
    """Name and content of the files of an instance's channel."""
    folder = host.ml / "input" / "data" / "train"
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("prefix", "names"),
    [
        ("set/train/", ["a.csv", "deep/b.csv"]),
        ("set/train", ["a.csv", "deep/b.csv", "train.csv"]),
        ("set/train/a.csv", ["a.csv"]),
        ("set/tra", ["train.csv", "train/a.csv", "train/deep/b.csv"]),
        ("", ["set/train.csv", "set/train/a.csv", "set/train/deep/b.csv"]),
    ],
)
def test_a_prefix_brings_its_keys_by_their_names_below_it(
    objects: Objects, tmp_path: Path, prefix: str, names: list[str]
) -> None:
    put(objects, tmp_path, "set/train/", "set/train/a.csv", "set/train/deep/b.csv", "set/train.csv")
    found = files(objects, f"s3://data/{prefix}", tmp_path / "input")
    assert sorted(found) == names
    assert all(content.endswith(name) for name, content in found.items())


@pytest.mark.parametrize("key", ["set/../../escape", "set//etc/passwd", "set/a\0b", "set/" + "x" * 300])
def test_a_key_that_makes_no_file_name_fails_by_name(objects: Objects, tmp_path: Path, key: str) -> None:
    put(objects, tmp_path, key)
    with pytest.raises(DownloadFailed):
        files(objects, "s3://data/set/", tmp_path / "input")
    assert not [path for path in (tmp_path / "input").rglob("*") if path.is_file()]


def test_a_key_that_is_file_and_folder_at_once_fails_by_name(objects: Objects, tmp_path: Path) -> None:
    put(objects, tmp_path, "set/a", "set/a/b")
    with pytest.raises(DownloadFailed, match="cannot be written"):
        files(objects, "s3://data/set/", tmp_path / "input")


def test_nothing_under_the_prefix_fails_by_name(objects: Objects, tmp_path: Path) -> None:
    with pytest.raises(DownloadFailed, match="No S3 objects found under S3 URL s3://data/none/"):
        files(objects, "s3://data/none/", tmp_path / "input")


def test_a_program_cannot_change_a_stored_object_by_its_input(objects: Objects, tmp_path: Path) -> None:
    put(objects, tmp_path, "set/a.csv")
    files(objects, "s3://data/set/", tmp_path / "input")
    with contextlib.suppress(PermissionError):  # root is not stopped by permissions
        (tmp_path / "input" / "opt/ml/input/data/train/a.csv").write_text("changed")
    stored = objects.get("data", "set/a.csv")
    assert stored is not None
    assert objects.open(stored).read() == b"set/a.csv"


@pytest.mark.parametrize(("count", "sizes"), [(1, [5]), (2, [3, 2]), (3, [2, 2, 1])])
def test_shards_are_disjoint_and_complete(objects: Objects, tmp_path: Path, count: int, sizes: list[int]) -> None:
    put(objects, tmp_path, *(f"set/{number}" for number in range(5)))
    hosts = [HostFolder(tmp_path / name, name) for name in ("algo-1", "algo-2", "algo-3")[:count]]
    bring(objects, channel("s3://data/set/", S3DataDistributionType="ShardedByS3Key"), "FastFile", hosts)
    shards = [read(host) for host in hosts]
    assert [len(shard) for shard in shards] == sizes
    assert sorted(name for shard in shards for name in shard) == ["0", "1", "2", "3", "4"]


def test_a_full_replica_goes_to_every_instance(objects: Objects, tmp_path: Path) -> None:
    put(objects, tmp_path, "set/a", "set/b")
    hosts = [HostFolder(tmp_path / name, name) for name in ("algo-1", "algo-2")]
    bring(objects, channel("s3://data/set/"), "File", hosts)
    assert [sorted(read(host)) for host in hosts] == [["a", "b"], ["a", "b"]]


def test_a_shuffled_channel_is_sharded_in_another_order_that_the_seed_fixes(objects: Objects, tmp_path: Path) -> None:
    put(objects, tmp_path, *(f"set/{number:02}" for number in range(20)))
    found: list[list[str]] = []
    for seed in (1, 1, 2):
        hosts = [HostFolder(tmp_path / f"run-{len(found)}" / name, name) for name in ("algo-1", "algo-2")]
        shuffled = channel("s3://data/set/", S3DataDistributionType="ShardedByS3Key", ShuffleConfig={"Seed": seed})
        bring(objects, shuffled, "File", hosts)
        found.append(sorted(read(hosts[0])))
    assert found[0] == found[1] != found[2]


def test_a_manifest_names_the_files_of_a_channel(objects: Objects, tmp_path: Path) -> None:
    put(objects, tmp_path, "set/a", "set/deep/b", "set/c")
    store(objects, tmp_path, "lists/one", json.dumps([{"prefix": "s3://data/set/"}, "c", "deep/b"]))
    host = HostFolder(tmp_path / "host", "algo-1")
    bring(objects, channel("s3://data/lists/one", "ManifestFile"), "File", [host])
    assert read(host) == {"c": "set/c", "deep/b": "set/deep/b"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "is no manifest"),
        ('["a"]', "is no manifest"),
        ('[{"prefix": "s3://data/set/"}, 3]', "is no manifest"),
        ('[{"prefix": "s3://data/set/"}, "gone"]', "No S3 objects found under S3 URL s3://data/set/gone"),
        ('[{"prefix": "s3://data/set/"}]', "No S3 objects found"),
    ],
)
def test_a_manifest_that_says_nothing_sensible_fails_by_name(
    objects: Objects, tmp_path: Path, text: str, why: str
) -> None:
    store(objects, tmp_path, "lists/bad", text)
    with pytest.raises(DownloadFailed, match=why):
        bring(objects, channel("s3://data/lists/bad", "ManifestFile"), "File", [HostFolder(tmp_path / "h", "algo-1")])


def test_checkpoints_are_copies_and_there_may_be_none(objects: Objects, tmp_path: Path) -> None:
    put(objects, tmp_path, "points/1/state")
    fill(objects, "s3://data/points/", tmp_path / "one")
    fill(objects, "s3://data/none/", tmp_path / "two")
    (tmp_path / "one/1/state").write_text("changed")
    stored = objects.get("data", "points/1/state")
    assert stored is not None
    assert objects.open(stored).read() == b"points/1/state"
    assert not (tmp_path / "two").exists()
