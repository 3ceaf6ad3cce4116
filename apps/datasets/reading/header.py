"""The first line of a CSV file: the columns' names, and what stands between them."""

import csv
import re
from dataclasses import dataclass

from apps.datasets.reading.broken import BrokenFile

SEPARATORS = ",;\t|"
MAX_COLUMNS = 2000
MAX_NAME = 200
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


@dataclass(frozen=True)
class Header:
    """The names in the file's order, the separator, and how many bytes and lines the header takes."""

    names: list[str]
    separator: str
    size: int
    lines: int = 1


def read_header(block: bytes) -> Header:
    """The header of a file's first block; raises BrokenFile for one that names no table."""
    line, newline, _ = block.partition(b"\n")
    try:
        text = line.removeprefix(BYTE_ORDER_MARK).decode().rstrip("\r")
    except UnicodeDecodeError as error:
        column = max(line[: error.start].count(mark.encode()) for mark in SEPARATORS) + 1
        raise BrokenFile("The header is not UTF-8 text. Save the file as CSV in UTF-8.", 1, column) from error
    separator = max(SEPARATORS, key=text.count)
    try:
        [names] = csv.reader([text], delimiter=separator, strict=True)
    except (csv.Error, ValueError) as error:
        raise BrokenFile(f"The header cannot be read: {error}.", 1, 1) from error
    names = [name.strip() or f"column_{place}" for place, name in enumerate(names, 1)]
    _check_names(names)
    return Header(names, separator, len(line) + len(newline))


def _check_names(names: list[str]) -> None:
    if len(names) < 2:
        raise BrokenFile(
            "There is only one column. A table to train on needs a target and at least one more column, "
            "separated by commas, semicolons, tabs or bars.", 1, 1
        )  # fmt: skip
    if len(names) > MAX_COLUMNS:
        raise BrokenFile(f"There are {len(names)} columns; at most {MAX_COLUMNS} can be read.", 1, MAX_COLUMNS + 1)
    if all(NUMBER.fullmatch(name) for name in names):
        raise BrokenFile("The first line holds numbers only. Put the columns' names in the first line.", 1, 1)
    seen: dict[str, int] = {}
    for place, name in enumerate(names, 1):
        if name in seen:
            raise BrokenFile(f"Columns {seen[name]} and {place} are both called {name!r}. Rename one.", 1, place)
        if len(name) > MAX_NAME or "\0" in name:
            raise BrokenFile(f"A column's name has at most {MAX_NAME} characters, and no byte 0.", 1, place)
        seen[name] = place
