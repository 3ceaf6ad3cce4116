"""A channel's data as one table: CSV and recordIO-protobuf, and the sentences for what is neither."""

import os
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from apps.localregion.images import tables
from apps.localregion.images.failures import UserError
from tests.region.algorithms import csv, protobuf

ROWS = np.array([[0, 1.5, 0], [0, 0, 0], [2, 0, -3]])
LABELS = np.array([1.0, 0, 1])


def read(data: Path, content: bytes, content_type: str | None, **facts: Any) -> tables.Table:
    """The table of a channel with one file."""
    (data / "train").mkdir(parents=True, exist_ok=True)
    (data / "train" / "part").write_bytes(content)
    return tables.read(data, "train", {**facts, **({"ContentType": content_type} if content_type else {})})


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (csv(LABELS, ROWS), "text/csv"),
        (csv(LABELS, ROWS), "text/csv; label_size=1; charset=utf8"),
        (protobuf(ROWS, LABELS), None),
        (protobuf(ROWS, LABELS, sparse=True), "application/x-recordio-protobuf"),
    ],
)
def test_each_format_gives_the_same_features_and_labels(tmp_path: Path, content: bytes, content_type: str) -> None:
    table = read(tmp_path, content, content_type)
    np.testing.assert_array_equal(table.features, ROWS)
    np.testing.assert_array_equal(table.labels, LABELS[:, None])


def test_label_size_0_makes_every_column_a_feature(tmp_path: Path) -> None:
    table = read(tmp_path, csv(ROWS), "text/csv;label_size=0")
    np.testing.assert_array_equal(table.features, ROWS)
    assert table.labels.shape == (3, 0)


def test_all_files_of_a_channel_are_one_table(tmp_path: Path) -> None:
    (tmp_path / "train" / "deeper").mkdir(parents=True)
    (tmp_path / "train" / "deeper" / "more.csv").write_bytes(csv(LABELS, ROWS))
    (tmp_path / "train" / "empty.csv").write_bytes(b"")
    (tmp_path / "train" / "_SUCCESS").write_bytes(b"")
    assert len(read(tmp_path, csv(LABELS, ROWS), "text/csv")) == 6


def test_pipe_mode_reads_the_first_epochs_fifo(tmp_path: Path) -> None:
    fifo = tmp_path / "train_0"
    os.mkfifo(fifo)
    writer = threading.Thread(target=lambda: fifo.write_bytes(protobuf(ROWS, LABELS)))
    writer.start()
    table = tables.read(tmp_path, "train", {"TrainingInputMode": "Pipe"})
    writer.join()
    np.testing.assert_array_equal(table.features, ROWS)


@pytest.mark.parametrize(
    ("content", "content_type", "cause"),
    [
        (b"a,b\n1,2\n", "text/csv", "could not convert string 'a' to float32 at row 0"),
        (b"1,2\n1,2,3\n", "text/csv", "columns changed from 2 to 3"),
        (b"1,2\n3,4\n", None, "expected the recordIO magic 0xced7230a"),
        (protobuf(ROWS, LABELS)[:-5], None, "the file ends inside a record"),
        (b"\x0a\x23\xd7\xce\x04\x00\x00\x00\xff\xff\xff\xff", None, "record 0 is not a protobuf Record"),
    ],
)
def test_data_of_another_format_is_refused_with_its_place(
    tmp_path: Path, content: bytes, content_type: str | None, cause: str
) -> None:
    with pytest.raises(UserError) as refused:
        read(tmp_path, content, content_type)
    asked = content_type or "application/x-recordio-protobuf"
    assert str(refused.value).startswith(
        f"Unable to read data channel 'train'. Requested content-type is '{asked}'. Please verify the data matches the "
        "requested content-type."
    )
    assert cause in str(refused.value)


def test_other_content_types_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="'text/libsvm' is not one of"):
        read(tmp_path, b"1 0:1\n", "text/libsvm")


def test_a_table_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    table = read(tmp_path, csv(LABELS, ROWS), "text/csv")
    tables.check(table, "train", 3, labelled=True)
    with pytest.raises(UserError, match="hyperparameter '4' doesn't match train data dimensionality '3'"):
        tables.check(table, "train", 4, labelled=True)
    unlabelled = read(tmp_path, protobuf(ROWS), None)
    with pytest.raises(UserError, match="Label size on train dataset found to be 0"):
        tables.check(unlabelled, "train", 3, labelled=True)
    gaps = read(tmp_path, b"1,nan\n", "text/csv")
    with pytest.raises(UserError, match="missing or infinite values"):
        tables.check(gaps, "train", 1, labelled=True)
