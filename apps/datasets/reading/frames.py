"""A raw file as a series of polars frames, each small, from a stream of bytes (CSV) or a file on disk (Parquet)."""

import io
from collections.abc import Iterable, Iterator
from pathlib import Path

import polars as pl

from apps.datasets.reading.broken import BrokenFile
from apps.datasets.reading.checking import Checker, end_of_records
from apps.datasets.reading.header import Header, read_header

# What is missing, however the program that wrote the file spells it.
MISSING = ["", "NA", "N/A", "NaN", "nan", "null", "NULL", "None"]
# A record longer than this is taken for a quote that nobody closed; bytes.
LONGEST_RECORD = 16 * 1024 * 1024
PARQUET_ROWS = 50_000


def records(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The bytes in blocks of whole records, each record with its newline; empty lines at the end are left out."""
    rest = b""
    for chunk in chunks:
        block = rest + chunk
        cut = end_of_records(block)
        whole = block[:cut].rstrip(b"\r\n")
        if whole:
            yield whole + b"\n"
            rest = block[len(whole) :].removeprefix(b"\r").removeprefix(b"\n")
        elif len(block) > LONGEST_RECORD:
            break
        else:
            rest = block
    else:
        block = rest
    if block.strip(b"\r\n"):
        yield block.rstrip(b"\r\n") + b"\n"


def csv_frames(chunks: Iterable[bytes]) -> Iterator[pl.DataFrame]:
    """Frames of texts, missing ones null; raises BrokenFile at the first record that is not whole."""
    header: Header | None = None
    for block in records(chunks):
        body = block
        if header is None:
            header = read_header(block)
            checker = Checker(header)
            body = block[header.size :]
        if not body:
            continue
        checker.check(body)
        yield _parse(body, header)
    if header is None:
        raise BrokenFile("The file is empty. Choose one with a header and rows.", 1, 1)


def _parse(body: bytes, header: Header) -> pl.DataFrame:
    """One checked block as texts without the blanks around them."""
    frame = pl.read_csv(
        io.BytesIO(body),
        has_header=False,
        separator=header.separator,
        schema=dict.fromkeys(header.names, pl.String),
    )
    stripped = pl.all().str.strip_chars()
    return frame.select(pl.when(~stripped.is_in(MISSING)).then(stripped).name.keep())


def parquet_frames(path: Path) -> Iterator[pl.DataFrame]:
    """Frames of numbers and texts; raises BrokenFile for what is no Parquet, or holds columns of another kind."""
    try:
        whole = pl.scan_parquet(path)
        schema = whole.collect_schema()
        _check_schema(schema)
        typed = whole.select(_plain(name, kind) for name, kind in schema.items())
        yield from typed.collect_batches(chunk_size=PARQUET_ROWS, maintain_order=True)
    except pl.exceptions.PolarsError as error:
        raise BrokenFile(f"This cannot be read as Parquet: {str(error).splitlines()[0]}") from error


def _check_schema(schema: pl.Schema) -> None:
    if len(schema) < 2:
        raise BrokenFile("There is only one column. A table to train on needs a target and at least one more column.")
    for place, (name, kind) in enumerate(schema.items(), 1):
        if kind.is_nested() or kind in (pl.Binary, pl.Object):
            text = f"The column {name!r} holds {kind}; only numbers, texts, booleans and times can be trained on."
            raise BrokenFile(text, None, place)


def _plain(name: str, kind: pl.DataType) -> pl.Expr:
    """The column as integers, floats or texts; what is not a number is missing, and so are texts that say so."""
    column = pl.col(name)
    if kind.is_float() or kind.is_decimal():
        return column.cast(pl.Float64).fill_nan(None)
    if kind.is_integer():
        return column.cast(pl.Int64)
    # PostgreSQL keeps no byte 0
    text = column.cast(pl.String).str.replace_all("\0", "\ufffd", literal=True).str.strip_chars()
    return pl.when(~text.is_in(MISSING)).then(text).alias(name)
