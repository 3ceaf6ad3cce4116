"""A view of the history as a CSV file, written some hundred jobs at a time."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice

from apps.training.columns import COLUMNS, Column, fact_column
from apps.training.queries.columns import fact_names
from apps.training.queries.history import BIT, View, every

# A table program takes a cell that begins so for a formula.
FORMULAS = ("=", "+", "-", "@", "\t", "\r")
# More hyperparameters, metrics and tags than this are left out of the file.
MOST_FACTS = 500


def lines(view: View, first: Sequence[Column] = ()) -> Iterator[bytes]:
    """The file: the columns in `first`, then all the others, then every hyperparameter, metric and tag there is."""
    known = {column.name for column in first}
    facts = (fact_column(key) for key in fact_names(view.asker.workspace, limit=MOST_FACTS))
    columns = [*first, *(each for each in (*COLUMNS.values(), *facts) if each.name not in known)]
    yield text([["name", *(each.name for each in columns), "failure_reason"]])
    jobs = every(view)
    while bit := list(islice(jobs, BIT)):
        yield text([[job.name, *(each.value(job) for each in columns), job.failure_reason] for job in bit])


def text(rows: Sequence[Sequence[object]]) -> bytes:
    """Some lines of the file."""
    out = io.StringIO()
    csv.writer(out).writerows([plain(value) for value in values] for values in rows)
    return out.getvalue().encode()


def plain(value: object) -> object:
    """A cell's value: a text that a table program would take for a formula stands behind an apostrophe."""
    if isinstance(value, datetime):
        return value.isoformat()
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULAS) else value
