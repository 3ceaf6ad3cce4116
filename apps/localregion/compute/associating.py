"""A transform job's DataProcessing: what of each record goes to the model, and what of input and answer comes out.

https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform-data-processing.html
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any

from apps.localregion.compute.jsonpath import JsonPath, NotFound

CSV, JSON = "text/csv", "application/json"
LINES = ("application/jsonlines", "application/x-jsonlines", "application/jsonlines+json")
OUTPUT, INPUT = "SageMakerOutput", "SageMakerInput"


class Mismatch(Exception):
    """Data that cannot be filtered or joined; the text says why."""


def media_type(given: str) -> str:
    """A content type without its parameters, in lower case."""
    return given.partition(";")[0].strip().lower()


def supported(content_type: str) -> bool:
    """Whether data of this type can be filtered and joined."""
    return media_type(content_type) in (CSV, JSON, *LINES)


@dataclass(frozen=True)
class Association:
    """The two filters and whether the input is joined to the answer, for inputs of one content type."""

    content_type: str
    input_filter: JsonPath
    output_filter: JsonPath
    joined: bool

    @property
    def idle(self) -> bool:
        """Whether answers are stored as they come."""
        return self.output_filter.root and not self.joined

    def sent(self, payload: bytes) -> bytes:
        """What of a payload the model gets; raises Mismatch."""
        if self.input_filter.root:
            return payload
        return _dump([_select(self.input_filter, row) for row in _load(payload, self.content_type)], self.content_type)

    def stored(self, payload: bytes, answer: bytes, accept: str) -> bytes:
        """What is stored of a payload and the model's answer to it; raises Mismatch."""
        if self.idle:
            return answer
        rows = _load(answer, accept)
        if self.joined:
            given = _load(payload, self.content_type)
            if len(given) != len(rows):
                raise Mismatch(
                    f"The model answered {len(rows)} records for {len(given)}: input and output cannot be joined."
                )
            join = _joined_row if media_type(self.content_type) == CSV else _joined_object
            rows = [join(one, other) for one, other in zip(given, rows, strict=True)]
        kind = self.content_type if self.joined else accept
        return _dump([_select(self.output_filter, row) for row in rows], kind)


def _joined_row(given: Any, answer: Any) -> Any:
    return [*given, *(answer if isinstance(answer, list) else [answer])]


def _joined_object(given: Any, answer: Any) -> Any:
    """The answer beside the members of an object; anything else gets a member of its own."""
    return {**given, OUTPUT: answer} if isinstance(given, dict) else {INPUT: given, OUTPUT: answer}


def _select(path: JsonPath, row: Any) -> Any:
    try:
        return path.of(row)
    except NotFound as error:
        raise Mismatch(f"{error} in the record {json.dumps(row)[:100]}") from error


def _load(data: bytes, content_type: str) -> list[Any]:
    """The records: rows of CSV as lists of texts, a JSON text a line, or one JSON text."""
    kind = media_type(content_type)
    try:
        text = data.decode()
        if kind == CSV:
            return [row for row in csv.reader(StringIO(text)) if row]
        if kind == JSON:
            return [json.loads(text)]
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    except (ValueError, csv.Error) as error:
        raise Mismatch(f"The data is not {kind}: {error}") from error


def _dump(records: Sequence[Any], content_type: str) -> bytes:
    write: Callable[[Any], str] = _csv_row if media_type(content_type) == CSV else json.dumps
    return "\n".join(write(record) for record in records).encode()


def _csv_row(record: Any) -> str:
    text = StringIO()
    csv.writer(text, lineterminator="").writerow(record if isinstance(record, list) else [record])
    return text.getvalue()
