"""Every read a page, a task or the API needs of training jobs."""

from apps.training.queries.curves import Curve, Progress, Usage, curves, progress, usage
from apps.training.queries.history import NEWEST_FIRST, PAGE, Page, history, sorts
from apps.training.queries.jobs import Counts, HyperparameterRow, counts, find, hyperparameter_rows
from apps.training.queries.logs import LogLine, LogTail, log_lines, log_tail
from apps.training.queries.sweep import due

__all__ = [
    "NEWEST_FIRST",
    "PAGE",
    "Counts",
    "Curve",
    "HyperparameterRow",
    "LogLine",
    "LogTail",
    "Page",
    "Progress",
    "Usage",
    "counts",
    "curves",
    "due",
    "find",
    "history",
    "hyperparameter_rows",
    "log_lines",
    "log_tail",
    "progress",
    "sorts",
    "usage",
]
