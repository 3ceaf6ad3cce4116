"""The requests and answers of SageMaker's own algorithms, when they serve.

"Common data formats for inference" and each algorithm's "response formats" in the SageMaker developer guide.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from apps.localregion.images.serving import Answer, Refused, Served, media_type, serve

CSV, JSON, LINES, PROTOBUF = "text/csv", "application/json", "application/jsonlines", "application/x-recordio-protobuf"
MODEL = "model_algo-1"

Array = np.ndarray[Any, Any]
Row = dict[str, Any]  # the members of a prediction: numbers, or lists of them
Predict = Callable[[Array, bool], Sequence[Row]]  # bool: whether the client asks for all that there is to say


def main(load: Callable[[Any], tuple[int, Predict]], whole: str = "predictions", accepted: Sequence[str] = ()) -> int:
    """Serve the model of an algorithm; answers the exit code.

    `load` makes of the model's arrays its number of features and its prediction; `whole` is the member of a JSON
    answer that has all rows; `accepted` are content types of answers beside JSON, JSON lines and recordIO-protobuf.
    """

    def loaded(folder: Path) -> Served:
        with np.load(folder / MODEL) as arrays:
            columns, predict = load({name: arrays[name] for name in arrays.files})
        types = (JSON, LINES, PROTOBUF, *accepted)

        def invoke(body: bytes, content_type: str, accept: str) -> Answer:
            kind = media_type(accept) or JSON
            if kind not in types:
                raise Refused(406, f"Accept type {kind} is not supported. Supported types: {', '.join(types)}")
            rows = decode(body, media_type(content_type))
            if rows.shape[1] != columns:
                raise Refused(
                    400, f"unable to evaluate payload provided: {rows.shape[1]} features where the model has {columns}"
                )
            return encode(predict(rows, "verbose=true" in accept.replace(" ", "")), kind, whole), kind

        return Served(invoke)

    return serve(loaded)


def decode(body: bytes, kind: str) -> Array:
    """The rows of a request, rows x features; raises Refused."""
    if kind not in _READERS:
        raise Refused(415, f"Content-type {kind or 'none'} is not supported. Supported types: {', '.join(_READERS)}")
    try:
        rows = np.asarray(_READERS[kind](body), np.float32)
        if rows.ndim != 2:
            raise ValueError("the rows have different numbers of features")
    except Exception as error:
        raise Refused(400, f"unable to evaluate payload provided: {error}") from error
    return rows


def encode(rows: Sequence[Row], kind: str, whole: str) -> bytes:
    """The rows of an answer."""
    if kind == JSON:
        return json.dumps({whole: [*rows]}).encode()
    if kind == LINES:
        return "".join(json.dumps(row) + "\n" for row in rows).encode()
    if kind == CSV:
        return "".join(",".join(str(value) for value in row.values()) + "\n" for row in rows).encode()
    return b"".join(_record(row) for row in rows)


def _record(row: Row) -> bytes:
    """A recordIO-protobuf record whose labels are the members of a prediction."""
    from apps.localregion.images import recordio  # protobuf is not worth its import for the other formats

    record = recordio.record_class()()
    for name, value in row.items():
        values = value if isinstance(value, list) else [value]
        record.label.add(key=name).value.float32_tensor.values.extend(float(each) for each in values)
    data: bytes = record.SerializeToString()
    return struct.pack("<II", recordio.MAGIC, len(data)) + data + bytes(-len(data) % 4)


def _csv(body: bytes) -> Any:
    lines = body.decode("utf-8-sig").splitlines()
    return np.loadtxt(lines, np.float32, comments=None, delimiter=",", ndmin=2)


def _json(body: bytes) -> Any:
    return [_features(instance) for instance in json.loads(body)["instances"]]


def _lines(body: bytes) -> Any:
    return [_features(json.loads(line)) for line in body.splitlines() if line.strip()]


def _features(instance: Any) -> Any:
    """One row: its features as a list, or as a tensor, dense or sparse."""
    found = instance["features"] if "features" in instance else instance["data"]["features"]
    if isinstance(found, list):
        return found
    if "keys" not in found:
        return found["values"]
    row = np.zeros(int(np.prod(found["shape"])), np.float32)
    row[np.asarray(found["keys"], int)] = found["values"]
    return row


def _protobuf(body: bytes) -> Any:
    from apps.localregion.images import recordio

    return np.stack([row for row, _ in recordio.read(BytesIO(body))])


_READERS: dict[str, Callable[[bytes], Any]] = {CSV: _csv, JSON: _json, LINES: _lines, PROTOBUF: _protobuf}
