"""From a profile and a choice to what SageMaker trains on: label first, no header, texts by their codes.

Beside each object the numbers of its rows in the raw file (1 is the first below the header) are kept, so that nobody
takes a row for new that a model has seen.
"""

import io
from collections.abc import Mapping

import numpy as np
import polars as pl
from django.db import transaction

from apps.core import clock
from apps.datasets.aws import CSV, ObjectWriter
from apps.datasets.choice import Choice, choose
from apps.datasets.models import CHANNELS, Dataset, DatasetVersion
from apps.datasets.reading.broken import BrokenFile
from apps.datasets.reading.splitting import ALL, HoldOut
from apps.datasets.services.holding import Hold, Lost, tell
from apps.datasets.services.raw import Raw
from apps.datasets.states import VersionState

LABEL, ROW = "label of the row", "number of the row"


def prepare(version: DatasetVersion) -> None:
    """Write the objects and make the version Ready; raises InvalidInput, BrokenFile, AwsFailure, Lost."""
    choice = choose(version.columns, version.target, version.features or None, version.task)
    workspace = version.dataset.workspace
    writers = {name: ObjectWriter(workspace, key) for name, key in version.keys.items()}
    try:
        rows = _write(version, choice, writers)
        uris = {name: writer.close() for name, writer in writers.items()}
    except BaseException:
        for writer in writers.values():
            writer.abort()
        raise
    _done(version, choice, rows, uris, sum(writers[channel].size for channel in CHANNELS))


def _write(version: DatasetVersion, choice: Choice, writers: Mapping[str, ObjectWriter]) -> dict[str, int]:
    """Every row to its channel; answers how many each got."""
    hold, seen = Hold(version), 0
    column = next(column for column in version.columns if column["name"] == choice.target)
    counts = {code: rows for code, (_, rows) in enumerate(choice.classes)}
    known = (version.row_count or 0) - int(column["nulls"])
    held_out = HoldOut(counts or {ALL: known}, version.holdout / 100, version.seed)
    written = dict.fromkeys(CHANNELS, 0)
    with Raw(hold) as raw:
        for frame in raw.frames():
            ready = encoded(frame, choice, seen)
            seen += len(frame)
            labels = ready[LABEL].to_numpy() if choice.classes else np.full(len(ready), ALL)
            mask = held_out.choose(labels)
            for channel, part in (("train", ready.filter(~mask)), ("validation", ready.filter(mask))):
                written[channel] += len(part)
                writers[channel].write(as_csv(part.drop(ROW)))
                writers[f"{channel}.rows"].write(as_csv(part.select(ROW)))
            if hold.is_due():
                hold.tell(read_bytes=raw.read_bytes)
        raw.check_unchanged()
    if not all(written.values()):
        raise BrokenFile(f"{sum(written.values())} rows with a label are too few to hold some of them out. Add rows.")
    return written


def encoded(frame: pl.DataFrame, choice: Choice, seen: int) -> pl.DataFrame:
    """Label, features and row number of each row that has a label; `seen` rows went before."""
    label = pl.col(choice.target)
    if choice.classes:
        label = _code(choice.target, [text for text, _ in choice.classes])
    features = [_code(name, choice.codes[name]) if name in choice.codes else pl.col(name) for name in choice.features]
    numbers = pl.int_range(seen + 1, seen + len(frame) + 1, dtype=pl.Int64)
    return frame.select(label.alias(LABEL), *features, numbers.alias(ROW)).drop_nulls(LABEL)


def _code(name: str, texts: list[str]) -> pl.Expr:
    """The place of each text in the list."""
    codes = pl.Series(range(len(texts)), dtype=pl.Int32)
    return pl.col(name).cast(pl.String).replace_strict(texts, codes, default=None, return_dtype=pl.Int32)


def as_csv(frame: pl.DataFrame) -> bytes:
    """Rows as SageMaker's built-in algorithms want them; what is missing is left empty."""
    text = io.BytesIO()
    frame.write_csv(text, include_header=False, quote_style="never")
    return text.getvalue()


def _done(version: DatasetVersion, choice: Choice, rows: Mapping[str, int], uris: Mapping[str, str], size: int) -> None:
    """The version is Ready, and the data set's current one unless a newer one is."""
    with transaction.atomic():
        moved = DatasetVersion.objects.held(version).update(
            state=VersionState.READY,
            task=choice.task,
            features=choice.features,
            encodings=choice.encodings,
            suggested=choice.suggested,
            train_rows=rows["train"],
            validation_rows=rows["validation"],
            dropped_rows=(version.row_count or 0) - sum(rows.values()),
            train_s3_uri=uris["train"],
            validation_s3_uri=uris["validation"],
            prepared_bytes=size,
            content_type=CSV,
            due_at=clock.now(),
            lease="",
            attempts=0,
            trouble="",
        )
        if not moved:
            raise Lost
        _set_current(version.dataset)
    tell(version)


def _set_current(dataset: Dataset) -> None:
    """Let the data set's current version be its newest Ready one."""
    newest = dataset.versions.filter(state=VersionState.READY).order_by("-number").first()
    Dataset.objects.filter(pk=dataset.pk).update(current=newest)
