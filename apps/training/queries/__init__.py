"""Every read a page, a task or the API needs of training jobs."""

from apps.training.queries.curves import CHART_POINTS, Curve, Progress, Usage, chart_curves, curves, progress, usage
from apps.training.queries.finding import Found, named_like
from apps.training.queries.history import NEWEST_FIRST, PAGE, Page, history, sorts
from apps.training.queries.jobs import Counts, HyperparameterRow, alike, counts, find, hyperparameter_rows, jobs_of
from apps.training.queries.logs import (
    LogLine,
    LogTail,
    Span,
    lines_in,
    log_lines,
    log_search,
    log_tail,
    spans_of,
    stream_names,
)
from apps.training.queries.sweep import due

__all__ = [
    "CHART_POINTS",
    "NEWEST_FIRST",
    "PAGE",
    "Counts",
    "Curve",
    "Found",
    "HyperparameterRow",
    "LogLine",
    "LogTail",
    "Page",
    "Progress",
    "Span",
    "Usage",
    "alike",
    "chart_curves",
    "counts",
    "curves",
    "due",
    "find",
    "history",
    "hyperparameter_rows",
    "jobs_of",
    "lines_in",
    "log_lines",
    "log_search",
    "log_tail",
    "named_like",
    "progress",
    "sorts",
    "spans_of",
    "stream_names",
    "usage",
]
