"""S3 keys become files of a channel, and never anything outside it."""

from pathlib import Path
from typing import Any

import pytest

from apps.localregion.compute.channels import DownloadFailed, download
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


def files(objects: Objects, uri: str, data: Path) -> dict[str, str]:
    """Name and content of the files of a channel with this S3 address."""
    channel: dict[str, Any] = {"ChannelName": "train", "DataSource": {"S3DataSource": {"S3Uri": uri}}}
    download(objects, channel, data)
    folder = data / "train"
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


def test_files_share_the_stores_blobs(objects: Objects, tmp_path: Path) -> None:
    put(objects, tmp_path, "set/a.csv")
    files(objects, "s3://data/set/", tmp_path / "input")
    stored = objects.get("data", "set/a.csv")
    assert stored is not None
    assert (tmp_path / "input" / "train" / "a.csv").samefile(stored.blob)
