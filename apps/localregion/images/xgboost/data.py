"""Reads a channel's files: label-first CSV without header, libsvm, Parquet (label first) or recordIO-protobuf.

Sentences: data_utils.py of github.com/aws/sagemaker-xgboost-container.
"""

import csv
import logging
import shutil
import tempfile
from email.message import Message
from pathlib import Path
from typing import Any

import numpy as np

from apps.localregion.images.failures import UserError
from apps.localregion.images.xgboost.lean import xgboost

TYPES = {
    "csv": "csv",
    "text/csv": "csv",
    "libsvm": "libsvm",
    "text/libsvm": "libsvm",
    "text/x-libsvm": "libsvm",
    "parquet": "parquet",
    "application/x-parquet": "parquet",
    "recordio-protobuf": "recordio-protobuf",
    "application/x-recordio-protobuf": "recordio-protobuf",
}
WRONG_LINE = (
    "First line '{line}...' of file '{file}' is not '{type}' format. Please ensure the file is in '{type}' format."
)

logger = logging.getLogger(__name__)


def file_type(content_type: str | None) -> str:
    """The format that a channel's ContentType names, libsvm when there is none; raises UserError."""
    if content_type is None:
        return "libsvm"
    header = Message()
    header["content-type"] = content_type.lower()
    kind = TYPES.get(content_type.lower().partition(";")[0].strip())
    if kind is None:
        raise UserError(f"{content_type} is not an accepted ContentType: {', '.join(TYPES)}.")
    if kind == "csv" and header.get_param("label_size", "1") != "1":
        raise UserError(
            f"{content_type} is not an accepted csv ContentType. Optional parameter label_size must be equal to 1"
        )
    return kind


def files(folder: Path, facts: dict[str, Any]) -> list[Path]:
    """A channel's files; in Pipe mode one, with all that comes through the first epoch's FIFO."""
    if facts.get("TrainingInputMode") == "Pipe":
        gathered = Path(tempfile.gettempdir()) / folder.name
        with folder.with_name(f"{folder.name}_0").open("rb") as fifo, gathered.open("wb") as file:
            shutil.copyfileobj(fifo, file)
        return [gathered]
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name[0] not in "._")


def read(files: list[Path], kind: str, weighted: bool) -> xgboost.DMatrix | None:
    """The matrix of all files, None when there is nothing in them; raises UserError."""
    if not any(path.stat().st_size for path in files):
        return None
    if kind == "csv":
        return _read_csv(files, weighted)
    return READERS[kind](files)


def _read_csv(files: list[Path], weighted: bool) -> xgboost.DMatrix:
    delimiters = [_delimiter(path) for path in files]
    try:
        table = np.concatenate([_table(path, delimiter) for path, delimiter in zip(files, delimiters, strict=True)])
        weight = table[:, 1] if weighted else None
        return xgboost.DMatrix(table[:, 2 if weighted else 1 :], label=table[:, 0], weight=weight)
    except (ValueError, IndexError, xgboost.core.XGBoostError) as error:
        raise UserError(f"Failed to load csv data with exception:\n{error}") from error


def _table(path: Path, delimiter: str) -> np.ndarray[Any, np.dtype[np.float32]]:
    """A file's numbers; raises ValueError for a cell that is neither a number nor empty (which is missing)."""
    try:
        return np.loadtxt(path, np.float32, comments=None, delimiter=delimiter, ndmin=2)
    except ValueError:
        # Slower, with empty cells; its error, if it has one, names the cell.
        return np.loadtxt(path, np.float32, comments=None, delimiter=delimiter, ndmin=2, converters=_number_or_missing)


def _number_or_missing(cell: str) -> float:
    return float(cell) if cell.strip() else float("nan")


def _delimiter(path: Path) -> str:
    with path.open(encoding="utf-8", errors="ignore") as file:
        line = file.readline()
    try:
        delimiter = csv.Sniffer().sniff(line).delimiter
    except csv.Error as error:
        raise UserError(f"Could not determine delimiter on line {line[:50]}:\n{error}") from error
    logger.info("Determined delimiter of CSV input is '%s'", delimiter)
    return delimiter


def _read_protobuf(files: list[Path]) -> xgboost.DMatrix:
    """What a sparse record leaves out is missing, as in libsvm."""
    from apps.localregion.images import recordio  # protobuf is not worth its import for the other formats

    features, labels = [], []
    try:
        for path in files:
            with path.open("rb") as stream:
                for row, label in recordio.read(stream, absent=float("nan")):
                    features.append(row)
                    labels.append(label)
        return xgboost.DMatrix(np.stack(features), label=np.stack(labels)[:, 0])
    except (recordio.BadRecord, ValueError, IndexError) as error:
        raise UserError(f"Failed to load recordio-protobuf data with exception:\n{error}") from error


def _read_libsvm(files: list[Path]) -> xgboost.DMatrix:
    for path in files:
        with path.open(encoding="utf-8", errors="ignore") as file:
            line = file.readline()
        if not _is_libsvm(line):
            raise UserError(WRONG_LINE.format(line=line[:50], file=path.name, type="LIBSVM"))
    try:
        return _libsvm_matrix(files)
    except (ValueError, xgboost.core.XGBoostError) as error:
        raise UserError(f"Failed to load libsvm data with exception:\n{error}") from error


def _is_libsvm(line: str) -> bool:
    label, *features = line.split()
    return _numbers(label.split(":")) and all(_numbers(each.split(":"), 2) for each in features)


def _numbers(parts: list[str], count: int | None = None) -> bool:
    try:
        [float(part) for part in parts]
    except ValueError:
        return False
    return len(parts) <= 2 if count is None else len(parts) == count


def _libsvm_matrix(files: list[Path]) -> xgboost.DMatrix:
    """One sparse matrix of `label[:weight] index:value ...` lines."""
    from scipy.sparse import csr_matrix

    labels: list[float] = []
    weights: list[float] = []
    values: list[float] = []
    columns: list[int] = []
    ends = [0]
    for path in files:
        for line in path.read_text(encoding="utf-8", errors="ignore").splitlines():
            label, *features = line.partition("#")[0].split() or [""]
            if not label:
                continue
            name, _, weight = label.partition(":")
            labels.append(float(name))
            weights.append(float(weight or 1))
            for feature in features:
                column, _, value = feature.partition(":")
                columns.append(int(column))
                values.append(float(value))
            ends.append(len(values))
    shape = (len(labels), max(columns, default=-1) + 1)
    matrix = csr_matrix((np.array(values, np.float32), columns, ends), shape=shape)
    return xgboost.DMatrix(matrix, label=labels, weight=weights if set(weights) != {1.0} else None)


def _read_parquet(files: list[Path]) -> xgboost.DMatrix:
    """The first column is the label; a null is missing."""
    import polars  # not worth its import for the other formats

    try:
        table = polars.concat([polars.read_parquet(path) for path in files]).cast(polars.Float32).to_numpy()
        return xgboost.DMatrix(table[:, 1:], label=table[:, 0])
    except (polars.exceptions.PolarsError, ValueError, IndexError, xgboost.core.XGBoostError) as error:
        raise UserError(f"Failed to load parquet data with exception:\n{error}") from error


READERS = {"libsvm": _read_libsvm, "parquet": _read_parquet, "recordio-protobuf": _read_protobuf}
