"""Every read a page, a task or the API needs of training jobs."""

from apps.training.queries.attention import attention, spent_since_yesterday
from apps.training.queries.columns import columns, suggested_fields, suggested_values
from apps.training.queries.compare import Comparison, compare, named
from apps.training.queries.curves import CHART_POINTS, Curve, Progress, Usage, chart_curves, curves, progress, usage
from apps.training.queries.finding import Found, named_like
from apps.training.queries.history import PAGE, Page, View, every, history, sorts
from apps.training.queries.jobs import Counts, HyperparameterRow, alike, counts, find, hyperparameter_rows, jobs_of
from apps.training.queries.logs import (
    FoundLines,
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
from apps.training.queries.orders import NEWEST_FIRST
from apps.training.queries.sweep import due

__all__ = [
    "CHART_POINTS",
    "NEWEST_FIRST",
    "PAGE",
    "Comparison",
    "Counts",
    "Curve",
    "Found",
    "FoundLines",
    "HyperparameterRow",
    "LogLine",
    "LogTail",
    "Page",
    "Progress",
    "Span",
    "Usage",
    "View",
    "alike",
    "attention",
    "chart_curves",
    "columns",
    "compare",
    "counts",
    "curves",
    "due",
    "every",
    "find",
    "history",
    "hyperparameter_rows",
    "jobs_of",
    "lines_in",
    "log_lines",
    "log_search",
    "log_tail",
    "named",
    "named_like",
    "progress",
    "sorts",
    "spans_of",
    "spent_since_yesterday",
    "stream_names",
    "suggested_fields",
    "suggested_values",
    "usage",
]
