"""Reads recordIO-protobuf, the algorithms' own data format, dense and sparse.

The frame and the schema: "Common data formats for training" in the SageMaker developer guide.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import cache
from typing import Any, BinaryIO

import numpy as np
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

MAGIC = 0xCED7230A
HEADER = struct.Struct("<II")
LENGTH = (1 << 29) - 1  # the upper three bits tell the parts of a split record

Field = descriptor_pb2.FieldDescriptorProto
Vector = np.ndarray[Any, np.dtype[np.float32]]

# message -> (field, number, type, whether repeated); a message's name is a type too.
SCHEMA = {
    "Float32Tensor": [("values", 1, "float", True), ("keys", 2, "uint64", True), ("shape", 3, "uint64", True)],
    "Float64Tensor": [("values", 1, "double", True), ("keys", 2, "uint64", True), ("shape", 3, "uint64", True)],
    "Int32Tensor": [("values", 1, "int32", True), ("keys", 2, "uint64", True), ("shape", 3, "uint64", True)],
    "Value": [
        ("float32_tensor", 2, "Float32Tensor", False),
        ("float64_tensor", 3, "Float64Tensor", False),
        ("int32_tensor", 7, "Int32Tensor", False),
    ],
    # A protobuf map is on the wire a repeated message of key and value.
    "Entry": [("key", 1, "string", False), ("value", 2, "Value", False)],
    "Record": [("features", 1, "Entry", True), ("label", 2, "Entry", True)],
}
TENSORS = ("float32_tensor", "float64_tensor", "int32_tensor")


class BadRecord(Exception):
    """The bytes are not recordIO-protobuf; the text says what is wrong."""


def read(stream: BinaryIO, absent: float = 0.0) -> Iterator[tuple[Vector, Vector]]:
    """Features and label values of each record, as dense vectors; raises BadRecord.

    `absent` stands where a sparse record has no value.
    """
    record = record_class()
    for number, data in enumerate(_frames(stream)):
        try:
            message = record.FromString(data)
        except Exception as error:  # protobuf's own error class depends on its implementation
            raise BadRecord(f"record {number} is not a protobuf Record: {error}") from error
        yield _values(message.features, number, absent), _values(message.label, number, absent)


def _frames(stream: BinaryIO) -> Iterator[bytes]:
    while header := stream.read(HEADER.size):
        if len(header) < HEADER.size:
            raise BadRecord("the file ends inside a record's header")
        magic, length = HEADER.unpack(header)
        length &= LENGTH
        if magic != MAGIC:
            raise BadRecord(f"expected the recordIO magic {MAGIC:#x} but found {magic:#x}")
        data = stream.read(length + -length % 4)
        if len(data) < length:
            raise BadRecord("the file ends inside a record")
        yield data[:length]


def _values(entries: Any, number: int, absent: float) -> Vector:
    """The vector under the name "values", or the only one."""
    found = {entry.key: entry.value for entry in entries}
    value = found.get("values", next(iter(found.values()), None))
    if value is None:
        return np.empty(0, np.float32)
    for name in TENSORS:
        if value.HasField(name):
            return _dense(getattr(value, name), number, absent)
    return np.empty(0, np.float32)


def _dense(tensor: Any, number: int, absent: float) -> Vector:
    values = np.array(tensor.values, np.float32)
    sparse = bool(tensor.keys) or (bool(tensor.shape) and not len(values))  # a row of zeros has no keys
    if not sparse:
        return values
    if not tensor.shape:
        raise BadRecord(f"record {number} is sparse and has no shape")
    size = int(np.prod(tensor.shape))
    keys = np.array(tensor.keys, np.int64)
    if len(keys) != len(values) or keys.max(initial=0) >= size:
        raise BadRecord(f"record {number} has keys that do not fit its values or its shape")
    vector = np.full(size, absent, np.float32)
    vector[keys] = values
    return vector


@cache
def record_class() -> Any:
    """The protobuf class of a record: features and label, each a list of key and value."""
    file = descriptor_pb2.FileDescriptorProto(name="record.proto", package="aialgs.data", syntax="proto2")
    for name, fields in SCHEMA.items():
        message = file.message_type.add(name=name)
        for field, number, kind, repeated in fields:
            label = Field.LABEL_REPEATED if repeated else Field.LABEL_OPTIONAL
            typed: dict[str, Any] = (
                {"type": Field.TYPE_MESSAGE, "type_name": f".aialgs.data.{kind}"}
                if kind in SCHEMA
                else {"type": Field.Type.Value(f"TYPE_{kind.upper()}")}
            )
            message.field.add(name=field, number=number, label=label, **typed)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("aialgs.data.Record"))
