"""How a transform job cuts objects into payloads, and filters and joins what it sends and gets."""

import gzip
import itertools
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.localregion.compute.associating import Association, Mismatch
from apps.localregion.compute.jsonpath import BadPath, JsonPath, NotFound
from apps.localregion.compute.payloads import BadInput, payloads

LINES = st.lists(st.binary(min_size=1, max_size=40).filter(lambda line: not set(line) & set(b"\r\n")), max_size=30)


def cut(path: Path, data: bytes, split: str = "Line", *, many: bool = True, most: int = 1 << 20) -> list[bytes]:
    """The payloads of data."""
    path.write_bytes(data)
    return [*payloads(path, gzipped=data[:2] == b"\x1f\x8b", split=split, many=many, most=most)]


@given(lines=LINES, most=st.integers(40, 200), packed=st.booleans())
def test_lines_come_back_in_order_whatever_fits_into_a_payload(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], most: int, packed: bool
) -> None:
    data = b"".join(line + b"\n" for line in lines)
    found = cut(tmp_path_factory.getbasetemp() / "lines", gzip.compress(data) if packed else data, most=most)
    assert [line for payload in found for line in payload.split(b"\n")] == lines
    assert all(len(payload) <= most for payload in found)
    assert all(len(one) + 1 + len(other.split(b"\n")[0]) > most for one, other in itertools.pairwise(found))


def test_binary_records_keep_their_frames(tmp_path: Path) -> None:
    recordio = [struct.pack("<II", 0xCED7230A, len(each)) + each + bytes(-len(each) % 4) for each in (b"abc", b"de")]
    assert cut(tmp_path / "file", b"".join(recordio), "RecordIO", many=False) == recordio
    halves = [struct.pack("<II", 0xCED7230A, part << 29 | 4) + b"half" for part in (1, 3)]
    assert cut(tmp_path / "file", b"".join(halves), "RecordIO", many=False) == [b"".join(halves)]
    tfrecord = [struct.pack("<QI", len(each), 7) + each + b"sums" for each in (b"abc", b"de")]
    assert cut(tmp_path / "file", b"".join(tfrecord), "TFRecord", many=False) == tfrecord
    assert cut(tmp_path / "file", b"".join(tfrecord), "TFRecord") == [b"".join(tfrecord)]
    for data, split in ((recordio[0][:-2], "RecordIO"), (halves[0], "RecordIO"), (tfrecord[0][:9], "TFRecord")):
        with pytest.raises(BadInput, match="The object ends inside a record"):
            cut(tmp_path / "file", data, split)


def test_what_is_too_large_or_damaged_is_refused(tmp_path: Path) -> None:
    for split in ("None", "Line"):
        with pytest.raises(BadInput, match="larger than MaxPayloadInMB=1"):
            cut(tmp_path / "file", b"x" * ((1 << 20) + 1), split)
    with pytest.raises(BadInput, match="is not gzip"):
        cut(tmp_path / "file", gzip.compress(b"text\n" * 100)[:-9])


VALUE: dict[str, Any] = {"id": 7, "features": [1, 2, 3], "deep": {"a": 1, "b c": 2, "d": 3}}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$", VALUE),
        ("$.id", 7),
        ("$['deep']['b c']", 2),
        ("$.deep['a','d']", [1, 3]),
        ("$.deep.['a','d']", [1, 3]),
        ("$.deep.*", [1, 2, 3]),
        ("$.features[-1]", 3),
        ("$.features[0,2]", [1, 3]),
        ("$.features[1:]", [2, 3]),
        ("$.features[:-1]", [1, 2]),
        ("$.features[::2]", [1, 3]),
        ("$.features[*]", [1, 2, 3]),
    ],
)
def test_a_jsonpath_selects(path: str, found: Any) -> None:
    assert JsonPath(path).of(VALUE) == found


def test_a_jsonpath_that_cannot_be_read_or_finds_nothing_says_so() -> None:
    for path in ("id", "$..id", "$.features[?(@ > 1)]", "$.features[1:2:0]", "$[", "$.a b"):
        with pytest.raises(BadPath):
            JsonPath(path)
    with pytest.raises(NotFound, match=r"nothing at \$\.features\[5\]"):
        JsonPath("$.features[5]").of(VALUE)


def association(kind: str, input_filter: str = "$", output_filter: str = "$", *, joined: bool = True) -> Association:
    """An association of data of one type."""
    return Association(kind, JsonPath(input_filter), JsonPath(output_filter), joined)


def test_json_lines_are_joined_under_sagemakers_names() -> None:
    each = association("application/jsonlines", "$.features", "$['id','SageMakerOutput']")
    rows = b'{"id": 1, "features": [1, 2]}\n{"id": 2, "features": [3, 4]}'
    assert each.sent(rows) == b"[1, 2]\n[3, 4]"
    assert each.stored(rows, b'{"score": 0.5}\n{"score": 1}\n', "application/jsonlines") == (
        b'[1, {"score": 0.5}]\n[2, {"score": 1}]'
    )
    whole = association("application/json")
    assert whole.stored(b"[1, 2]", b"0.5", "application/json") == b'{"SageMakerInput": [1, 2], "SageMakerOutput": 0.5}'


def test_an_answer_short_of_a_row_is_never_joined() -> None:
    each = association("text/csv", "$[1:]")
    assert each.sent(b'"a, b",1,2\nc,3,4\n') == b"1,2\n3,4"
    assert each.stored(b'"a, b",1\nc,3', b"0.1\n0.2\n", "text/csv") == b'"a, b",1,0.1\nc,3,0.2'
    with pytest.raises(Mismatch, match="The model answered 1 records for 2"):
        each.stored(b"a,1\nc,3", b"0.1\n", "text/csv")
    with pytest.raises(Mismatch, match="The data is not application/json"):
        association("application/json", "$.a").sent(b"{")
    with pytest.raises(Mismatch, match="There is nothing at"):
        association("text/csv", "$[3]").sent(b"1,2")
