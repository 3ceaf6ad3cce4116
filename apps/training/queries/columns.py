"""What the history can be filtered by and shown with: the names of facts, their usual values, a person's columns."""

from collections.abc import Sequence

from django.db.models import QuerySet

from apps.accounts.models import User
from apps.aws.models import Workspace
from apps.training.columns import USUAL, Column, columns_of
from apps.training.filterfields import FIELDS, MARKS, fact_key
from apps.training.models import HistoryColumns, JobFact, TrainingJob
from apps.training.states import TrainingJobStatus

# So many are suggested at once.
SUGGESTIONS = 20


def columns(user: User, names: Sequence[str]) -> list[Column]:
    """The columns of these names, else those that the person chose last, else the usual ones; raises Refusal."""
    if names:
        return columns_of(names)
    chosen = HistoryColumns.objects.filter(user=user).values_list("names", flat=True).first()
    return columns_of(chosen or USUAL)


def fact_names(workspace: Workspace, beginning: str = "", limit: int = SUGGESTIONS) -> list[str]:
    """Keys of hyperparameters, metrics and tags that begin so, in order: a step along the index for each."""
    beginning = fact_key(beginning) or beginning
    return _steps(JobFact.objects.filter(workspace=workspace), "key", beginning, limit)


def suggested_fields(workspace: Workspace, beginning: str) -> list[str]:
    """Fields that begin so: the columns', then facts'."""
    plain = [name for name in (*FIELDS, *MARKS) if name.startswith(beginning)]
    return (plain + fact_names(workspace, beginning))[: 2 * SUGGESTIONS]


def suggested_values(workspace: Workspace, field: str, beginning: str) -> list[str]:
    """Values of the field that begin so, of its index; none where a value is a number or a moment."""
    if field in MARKS:
        return ["yes", "no"]
    if field == "status":
        return [status for status in TrainingJobStatus.values if status.lower().startswith(beginning.lower())]
    key = fact_key(field)
    if key:
        return _steps(JobFact.objects.filter(workspace=workspace, key=key), "text", beginning)
    if field not in FIELDS or FIELDS[field].ordered or field == "name":
        return []
    column = FIELDS[field].column
    jobs = TrainingJob.objects.filter(workspace=workspace).order_by("-created_at", "-pk")
    recent = jobs.values_list(column, flat=True)[:1000]
    return sorted({value for value in recent if value and value.startswith(beginning)})[:SUGGESTIONS]


def _steps(facts: QuerySet[JobFact], column: str, beginning: str, limit: int = SUGGESTIONS) -> list[str]:
    """The column's values that begin so, each once: a step along the index for each."""
    found: list[str] = []
    behind = facts.filter(**{f"{column}__gte": beginning}).order_by(column)
    while len(found) < limit:
        value = behind.values_list(column, flat=True).first()
        if value is None or not value.startswith(beginning):
            break
        found.append(value)
        behind = facts.filter(**{f"{column}__gt": value}).order_by(column)
    return found
