"""A channel's data as one table of numbers, for SageMaker's own algorithms: label-first CSV or recordIO-protobuf."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from apps.localregion.images import recordio
from apps.localregion.images.failures import UserError

PROTOBUF, CSV = "application/x-recordio-protobuf", "text/csv"
UNREADABLE = (
    "Unable to read data channel '{channel}'. Requested content-type is '{kind}'. Please verify the data matches the "
    "requested content-type. (caused by {error})\n\nCaused by: {cause}"
)
WRONG_WIDTH = (
    "Incorrect configuration or {channel} dataset provided. The value of feature_dim hyperparameter '{expected}' "
    "doesn't match {channel} data dimensionality '{found}'. Please set feature_dim to the number of features in "
    "{channel} dataset."
)
UNLABELLED = (
    "Labeled {channel} data required with label size equal 1. Label size on {channel} dataset found to be {found}. "
    "Please provide a properly labeled {channel} dataset."
)

Array = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True)
class Table:
    """Rows of features (rows x columns) and of labels (rows x label columns)."""

    features: Array
    labels: Array

    def __len__(self) -> int:
        return len(self.features)


def read(data: Path, channel: str, facts: dict[str, Any]) -> Table:
    """All data of `channel` below the folder `data`; `facts` is its entry of inputdataconfig.json.

    An empty channel is a table without rows. Raises UserError.
    """
    kind, label_size = content_type(facts.get("ContentType") or PROTOBUF)
    tables = []
    with contextlib.ExitStack() as open_files:
        for name, stream in _streams(data, channel, facts.get("TrainingInputMode") == "Pipe"):
            open_files.enter_context(stream)
            try:
                tables.append(_read_csv(stream, label_size) if kind == CSV else _read_protobuf(stream))
            except (ValueError, recordio.BadRecord) as error:
                raise _unreadable(channel, kind, name, error) from error
    tables = [table for table in tables if len(table)]
    if len({(table.features.shape[1], table.labels.shape[1]) for table in tables}) > 1:
        raise _unreadable(channel, kind, channel, ValueError("its files have different numbers of columns"))
    if not tables:
        return Table(np.empty((0, 0), np.float32), np.empty((0, 0), np.float32))
    return Table(
        np.concatenate([table.features for table in tables]), np.concatenate([table.labels for table in tables])
    )


def check(table: Table, channel: str, feature_dim: int | None, *, labelled: bool) -> None:
    """Raise UserError unless the table has `feature_dim` features (None: any) and, if `labelled`, one label a row."""
    if labelled and table.labels.shape[1] != 1:
        raise UserError(UNLABELLED.format(channel=channel, found=table.labels.shape[1]))
    found = table.features.shape[1]
    if feature_dim is not None and found != feature_dim:
        raise UserError(WRONG_WIDTH.format(channel=channel, expected=feature_dim, found=found))
    if not np.isfinite(table.features).all() or not np.isfinite(table.labels).all():
        raise UserError(f"The {channel} dataset has missing or infinite values. Please provide finite numbers only.")


def content_type(given: str) -> tuple[str, int]:
    """The format and the number of label columns that a ContentType names; raises UserError."""
    header = Message()
    header["content-type"] = given
    kind = header.get_content_type()
    size = str(header.get_param("label_size", "1"))
    if kind not in (PROTOBUF, CSV) or not size.isdigit():
        raise UserError(
            "Unable to initialize the algorithm. Failed to validate input data configuration. (caused by "
            f"ValidationError)\n\nCaused by: '{given}' is not one of ['{PROTOBUF}', '{CSV}', '{CSV};label_size=0']"
        )
    return kind, int(size)


def _streams(data: Path, channel: str, pipe: bool) -> Iterator[tuple[str, BinaryIO]]:
    """The channel's files, or in Pipe mode its first epoch's FIFO."""
    if pipe:
        yield channel, (data / f"{channel}_0").open("rb")
        return
    for path in sorted((data / channel).rglob("*")):
        if path.is_file() and path.name[0] not in "._":
            yield path.name, path.open("rb")


def _read_csv(stream: BinaryIO, label_size: int) -> Table:
    text = stream.read()
    if not text.strip():
        return Table(np.empty((0, 0), np.float32), np.empty((0, label_size), np.float32))
    rows = np.loadtxt(text.decode("utf-8-sig").splitlines(), np.float32, comments=None, delimiter=",", ndmin=2)
    return Table(rows[:, label_size:], rows[:, :label_size])


def _read_protobuf(stream: BinaryIO) -> Table:
    features, labels = [], []
    for row, label in recordio.read(stream):
        features.append(row)
        labels.append(label)
    if not features:
        return Table(np.empty((0, 0), np.float32), np.empty((0, 0), np.float32))
    return Table(np.stack(features), np.stack(labels))


def _unreadable(channel: str, kind: str, name: str, error: Exception) -> UserError:
    caused = type(error).__name__
    return UserError(UNREADABLE.format(channel=channel, kind=kind, error=caused, cause=f"{name}: {error}"))
