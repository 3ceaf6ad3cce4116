"""What the command palette finds: a few jobs and data sets by a part of their name, quickly at any number of jobs."""

from dataclasses import dataclass

from django.db.models import F

from apps.aws.models import Workspace
from apps.datasets.models import Dataset
from apps.training.lookups import Part
from apps.training.models import TrainingJob

MOST = 6


@dataclass(frozen=True)
class Found:
    """Jobs, the newest first, and data sets by name."""

    jobs: list[TrainingJob]
    datasets: list[Dataset]


def named_like(workspace: Workspace, text: str) -> Found:
    """What has `text` in its name; with no text the newest jobs."""
    datasets = Dataset.objects.filter(workspace=workspace, name__icontains=text).order_by("name")
    return Found(_jobs(workspace, text), list(datasets[:MOST]) if text else [])


def _jobs(workspace: Workspace, text: str) -> list[TrainingJob]:
    """The job of just this name first. Numbers alone are sought, in an index of names: rows are long."""
    jobs = TrainingJob.objects.filter(workspace=workspace)
    if not text:
        return list(jobs.order_by("-created_at", "-pk")[:MOST])
    exact = list(jobs.filter(name=text))
    # a plain "-pk" would make SQLite read the rows in their order
    named = jobs.filter(Part(F("name"), text)).order_by((F("pk") + 0).desc())
    numbers = named.values_list("pk", flat=True)[:MOST]
    others = jobs.filter(pk__in=list(numbers)).exclude(name=text).order_by("-pk")
    return [*exact, *others][:MOST]
