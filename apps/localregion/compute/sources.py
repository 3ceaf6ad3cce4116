"""What a channel consists of: the objects that an S3 prefix, a manifest or an augmented manifest names.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_S3DataSource.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from apps.localregion.compute import s3uri
from apps.localregion.errors import AwsError
from apps.localregion.store.objects import Objects
from apps.localregion.store.pieces import Damaged
from apps.localregion.store.stored import StoredObject

REFERENCE = "-ref"  # an attribute of an augmented manifest with this ending names an object


class DownloadFailed(Exception):
    """An input could not be brought to the job; the text goes into FailureReason."""


@dataclass(frozen=True)
class Part:
    """An object and the file name it gets below its channel, or a text of an augmented manifest."""

    name: PurePosixPath = field(default_factory=PurePosixPath)
    stored: StoredObject | None = None
    text: str = ""


# What is sharded and shuffled as one: an object, or all attributes of a line of an augmented manifest.
Unit = list[Part]


def units(objects: Objects, channel: dict[str, Any]) -> list[Unit]:
    """All of a channel, in S3's or the manifest's order; raises DownloadFailed."""
    source = channel["DataSource"]["S3DataSource"]
    uri = source["S3Uri"]
    if source["S3DataType"] == "AugmentedManifestFile":
        found = [*_augmented(objects, uri, source["AttributeNames"])]
    elif source["S3DataType"] == "ManifestFile":
        found = [[part] for part in _manifest(objects, uri)]
    else:
        found = [[part] for part in _prefix(objects, uri)]
    if not found:
        raise DownloadFailed(f"No S3 objects found under S3 URL {uri}")
    return found


def _prefix(objects: Objects, uri: str) -> Iterator[Part]:
    bucket, prefix = s3uri.split(uri)
    for stored in objects.list(bucket, prefix):
        if not stored.key.endswith("/"):
            yield Part(_name(stored.key, prefix), stored)


def _manifest(objects: Objects, uri: str) -> Iterator[Part]:
    """`[{"prefix": "s3://bucket/below/"}, "one", "folder/two"]`."""
    try:
        first, *names = json.loads(_read(objects, uri))
        bucket, prefix = s3uri.split(first["prefix"])
        if not all(isinstance(name, str) for name in names):
            raise TypeError
    except (TypeError, KeyError, ValueError) as error:
        raise DownloadFailed(f"{uri} is no manifest: a JSON list of a prefix and of names is expected") from error
    for name in names:
        stored = _get(objects, f"s3://{bucket}/{prefix}{name}")
        yield Part(_file_name(name), stored)


def _augmented(objects: Objects, uri: str, attributes: list[str]) -> Iterator[Unit]:
    """A line an object of JSON, of which the named attributes are taken in their order."""
    for number, line in enumerate(_read(objects, uri).splitlines(), 1):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
            unit = [(name, values[name]) for name in attributes]
        except (KeyError, TypeError, ValueError) as error:
            raise DownloadFailed(f"line {number} of {uri} has not all attributes {', '.join(attributes)}") from error
        yield [_attribute(objects, name, value) for name, value in unit]


def _attribute(objects: Objects, name: str, value: Any) -> Part:
    if name.endswith(REFERENCE):
        return Part(stored=_get(objects, str(value)))
    return Part(text=value if isinstance(value, str) else json.dumps(value))


def _read(objects: Objects, uri: str) -> str:
    try:
        with closing(objects.open(_get(objects, uri))) as source:
            return source.read().decode()
    except UnicodeDecodeError as error:
        raise DownloadFailed(f"{uri} is no manifest: it is not UTF-8") from error
    except (AwsError, Damaged, OSError) as error:
        raise DownloadFailed(f"{uri} cannot be read: {error}") from error


def _get(objects: Objects, uri: str) -> StoredObject:
    try:
        stored = objects.get(*s3uri.split(uri))
    except ValueError as error:
        raise DownloadFailed(str(error)) from error
    if stored is None:
        raise DownloadFailed(f"No S3 objects found under S3 URL {uri}")
    return stored


def _name(key: str, prefix: str) -> PurePosixPath:
    """Where the object goes below its channel: the key without the prefix's folder."""
    if key.startswith(f"{prefix.rstrip('/')}/"):
        return _file_name(key[len(prefix.rstrip("/")) + 1 :])
    return _file_name(key[prefix.rfind("/") + 1 :])


def _file_name(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or not path.parts or ".." in path.parts or "\0" in name:
        raise DownloadFailed(f"the S3 key {name!r} makes no file name")
    return path
