"""Cuts an input object of a transform job into the payloads of its requests, without ever holding all of it.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_TransformInput.html
"""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

RECORDIO = struct.Struct("<II")
RECORDIO_MAGIC = 0xCED7230A
RECORDIO_LENGTH = (1 << 29) - 1  # the upper three bits tell the parts of a split record
WHOLE, FIRST, LAST = 0, 1, 3
TFRECORD = struct.Struct("<QI")
CHECKSUM_BYTES = 4
MEGABYTE = 1 << 20


class Stream(Protocol):
    """A file, or one that is decompressed as it is read."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes."""

    def readline(self, size: int, /) -> bytes:
        """A line, or its first `size` bytes."""


class BadInput(Exception):
    """An input object that cannot be cut as asked; the text says why."""


def payloads(path: Path, *, gzipped: bool, split: str, many: bool, most: int) -> Iterator[bytes]:
    """The payloads of one file, in order, of at most `most` bytes; `many`: as many records each as fit.

    Raises BadInput.
    """
    separator = b"\n" if split == "Line" else b""
    with path.open("rb") as file, gzip.open(file) if gzipped else file as stream:
        try:
            records = SPLITTERS[split](stream, most)
            yield from _packed(records, separator, most) if many else records
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise BadInput(f"The object is not gzip: {error}") from error


def _packed(records: Iterator[bytes], separator: bytes, most: int) -> Iterator[bytes]:
    """Records beside each other as long as they fit."""
    packed: list[bytes] = []
    size = 0
    for record in records:
        added = len(record) + (len(separator) if packed else 0)
        if packed and size + added > most:
            yield separator.join(packed)
            packed, size, added = [], 0, len(record)
        packed.append(record)
        size += added
    if packed:
        yield separator.join(packed)


def _whole(stream: Stream, most: int) -> Iterator[bytes]:
    data = stream.read(most + 1)
    if data:
        yield _checked(data, most)


def _lines(stream: Stream, most: int) -> Iterator[bytes]:
    """Lines without their ends; empty ones are no records."""
    while line := stream.readline(most + 3):
        record = line.rstrip(b"\r\n")
        if record:
            yield _checked(record, most)


def _recordio(stream: Stream, most: int) -> Iterator[bytes]:
    """Records with their headers, one that was split with all its parts."""
    parts: list[bytes] = []
    while header := stream.read(RECORDIO.size):
        if len(header) < RECORDIO.size:
            raise BadInput("The object ends inside a record's header.")
        magic, word = RECORDIO.unpack(header)
        if magic != RECORDIO_MAGIC:
            raise BadInput(f"Expected the recordIO magic {RECORDIO_MAGIC:#x} but found {magic:#x}.")
        kind, length = word >> 29, word & RECORDIO_LENGTH
        parts.append(header + _exactly(stream, length + -length % 4, most))
        if kind in (WHOLE, LAST):
            yield _checked(b"".join(parts), most)
            parts = []
    if parts:
        raise BadInput("The object ends inside a record.")


def _tfrecord(stream: Stream, most: int) -> Iterator[bytes]:
    """Records with their lengths and checksums."""
    while header := stream.read(TFRECORD.size):
        if len(header) < TFRECORD.size:
            raise BadInput("The object ends inside a record's header.")
        length, _ = TFRECORD.unpack(header)
        yield _checked(header + _exactly(stream, length + CHECKSUM_BYTES, most), most)


SPLITTERS: dict[str, Callable[[Stream, int], Iterator[bytes]]] = {
    "None": _whole,
    "Line": _lines,
    "RecordIO": _recordio,
    "TFRecord": _tfrecord,
}


def _exactly(stream: Stream, length: int, most: int) -> bytes:
    _check_size(length, most)
    data = stream.read(length)
    if len(data) < length:
        raise BadInput("The object ends inside a record.")
    return data


def _checked(record: bytes, most: int) -> bytes:
    _check_size(len(record), most)
    return record


def _check_size(size: int, most: int) -> None:
    if size > most:
        raise BadInput(
            f"A record is larger than MaxPayloadInMB={most // MEGABYTE}: set a larger MaxPayloadInMB, or a SplitType."
        )
