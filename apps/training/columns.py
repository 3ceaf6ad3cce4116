"""The columns that the history can show: what stands in a cell, and what in a file of them.

The usual ones are a table; any hyperparameter, metric or tag of a job is one too, by its name in the filter's language.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import quote

from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.core.errors import Refusal
from apps.core.templatetags.console import NOTHING, clock, figure, money, spark, when
from apps.training.filterfields import fact_key
from apps.training.models import TrainingJob

Show = Callable[[TrainingJob], str | SafeString]
MOST = 20
S3 = SafeString('<span class="faint">S3</span>')


@dataclass(frozen=True)
class Column:
    """A column: its name in the address, its title, what is shown of a job, and its plain value for a file."""

    name: str
    title: str
    show: Show
    value: Callable[[TrainingJob], Any]
    sort: str = ""
    right: bool = False


def _status(job: TrainingJob) -> SafeString:
    return SafeString(f'<span class="pill {job.status_kind}">{escape(job.display_status)}</span>')


def _duration(job: TrainingJob) -> SafeString | str:
    length = job.duration
    if length is None or job.is_terminal:
        return clock(length)
    return format_html('<span data-ticking="{}">{}</span>', int(length.total_seconds()), clock(length))


def _data(job: TrainingJob) -> str | SafeString:
    if job.dataset is None:
        return S3
    version = f" v{job.dataset_version.number}" if job.dataset_version else ""
    return format_html('<a href="../data/{0}/">{0}</a>{1}', job.dataset.name, version)


def _best(job: TrainingJob) -> str | SafeString:
    value = job.objective_value
    if value is None:
        return NOTHING
    short = job.objective_metric.removeprefix("validation:")
    return format_html('{} <small title="{}">{}</small>', figure(value), job.objective_metric, short)


def _curve(job: TrainingJob) -> str | SafeString:
    values = job.spark
    low = min(values, default=0.0)
    return spark([value - low for value in values])


def _value(path: str) -> Callable[[TrainingJob], Any]:
    """What stands behind the attributes of this path, None where one of them is None."""

    def read(job: TrainingJob) -> Any:
        found: Any = job
        for name in path.split("."):
            found = None if found is None else getattr(found, name)
        return found

    return read


COLUMNS: Mapping[str, Column] = {
    column.name: column
    for column in (
        Column("status", "Status", _status, lambda job: job.display_status, "status"),
        Column("algorithm", "Algorithm", lambda job: job.algorithm, _value("algorithm"), "algorithm"),
        Column("dataset", "Data", _data, _value("dataset.name"), "dataset"),
        Column("owner", "Owner", lambda job: job.owner_name, _value("owner.username"), "owner"),
        Column(
            "started", "Started", lambda job: when(job.started_at or job.created_at), _value("started_at"), "started"
        ),
        Column("duration", "Duration", _duration, _value("billable_seconds"), "duration", right=True),
        Column("cost", "Cost", lambda job: money(job.cost), _value("cost"), "cost", right=True),
        Column("best", "Best metric", _best, _value("objective_value"), right=True),
        Column("curve", "Curve", _curve, _value("objective_metric")),
        Column("created", "Requested", lambda job: when(job.created_at), _value("created_at"), "created"),
        Column("ended", "Ended", lambda job: when(job.ended_at), _value("ended_at"), "ended"),
        Column("instance_type", "Instance", _value("instance_type"), _value("instance_type"), "instance_type"),
        Column(
            "instance_count", "Instances", lambda job: str(job.instance_count), _value("instance_count"), right=True
        ),
    )
}
USUAL = ("status", "algorithm", "dataset", "owner", "started", "duration", "cost", "best", "curve")


def _text(value: Any) -> str:
    if isinstance(value, float):
        return figure(value)
    return NOTHING if value is None else str(value)


def _of_metric(name: str) -> Callable[[TrainingJob], Any]:
    return lambda job: (job.best_metrics.get(name) or {}).get("value")


def fact_column(key: str) -> Column:
    """The column of a hyperparameter, a metric or a tag."""
    kind, _, name = key.partition(".")
    values: dict[str, Callable[[TrainingJob], Any]] = {
        "metrics": _of_metric(name),
        "hyperparameters": lambda job: job.hyperparameters.get(name),
        "tags": lambda job: job.tags.get(name),
    }
    value = values[kind]
    return Column(key, name, lambda job: _text(value(job)), value, "" if kind == "tags" else key, kind == "metrics")


def columns_of(names: Sequence[str]) -> list[Column]:
    """The columns of these names, each once; raises Refusal for one that is none, or too many."""
    found = {}
    for name in names:
        key = fact_key(name)
        if not key and name not in COLUMNS:
            known = ", ".join([*COLUMNS, "metrics.NAME", "hyperparameters.NAME", "tags.NAME"])
            raise Refusal(f"{name!r} is not a column; known are {known}", "columns")
        found[key or name] = fact_column(key) if key else COLUMNS[name]
    if len(found) > MOST:
        raise Refusal(f"the history shows {MOST} columns at most, not {len(found)}", "columns")
    return list(found.values())


def row(job: TrainingJob, columns: Sequence[Column]) -> SafeString:
    """The `<tr>` of a job: a box to select it, its name with what is wrong, and the columns.

    Written without a template, for a page has fifty of them and each has a dozen cells.
    """
    name = escape(job.name)
    cells = "".join(
        f'<td class="right">{_safe(each.show(job))}</td>' if each.right else f"<td>{_safe(each.show(job))}</td>"
        for each in columns
    )
    return SafeString(
        f'<tr id="row-{job.pk}"><td class="pick">'
        f'<input type="checkbox" name="jobs" value="{name}" form="bulk" aria-label="Select {name}"></td>'
        f'<th scope="row"><a href="{quote(job.name)}/">{name}</a>{_safe(_trouble(job))}</th>{cells}</tr>'
    )


def _safe(content: object) -> str:
    """As Django escapes what is put into a page, without the way around for lazy texts."""
    return content if isinstance(content, SafeString) else escape(str(content))


def _trouble(job: TrainingJob) -> str | SafeString:
    if job.failure_reason:
        return format_html('<span class="sub" title="{0}">{0}</span>', job.failure_reason)
    if job.trouble and not job.is_terminal:
        return format_html('<span class="sub warn" title="{0}">No news: {0}</span>', job.trouble)
    return ""
