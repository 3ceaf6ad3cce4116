"""Two to ten jobs side by side: what differs, what is the same, and which is best."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from apps.aws.models import Workspace
from apps.core.errors import NotFound, Refusal
from apps.core.templatetags.console import NOTHING, clock, figure, money
from apps.training.catalogue import higher_is_better
from apps.training.models import TrainingJob
from apps.training.queries.jobs import jobs_of

FEWEST, MOST = 2, 10


@dataclass(frozen=True)
class Line:
    """One property of the jobs: a text for each, and which of them are best (none where there is no better)."""

    title: str
    values: list[str]
    best: list[bool]

    @property
    def differs(self) -> bool:
        """Whether two of the jobs differ in it."""
        return len(set(self.values)) > 1

    @property
    def cells(self) -> list[tuple[str, bool]]:
        """Each job's text, and whether it is the best."""
        return list(zip(self.values, self.best, strict=True))


@dataclass(frozen=True)
class Section:
    """Some lines under a title."""

    title: str
    lines: list[Line]


@dataclass(frozen=True)
class Comparison:
    """The jobs in the order that was asked for, with what differs and what is the same in all."""

    jobs: list[TrainingJob]
    different: list[Section]
    same: list[Section]
    metric: str

    @property
    def same_count(self) -> int:
        """How many lines are the same in all jobs."""
        return sum(len(section.lines) for section in self.same)

    @property
    def winner(self) -> TrainingJob | None:
        """The job with the best value of the objective metric, where one is better than all others."""
        ranked = self._ranked()
        return ranked[0] if len(ranked) > 1 and _best(ranked[0], self.metric) != _best(ranked[1], self.metric) else None

    @property
    def lead(self) -> float | None:
        """By how much it is better than the next one."""
        first, second = (_best(job, self.metric) for job in self._ranked()[:2]) if self.winner else (None, None)
        return None if first is None or second is None else abs(first - second)

    def _ranked(self) -> list[TrainingJob]:
        valued = [job for job in self.jobs if _best(job, self.metric) is not None]
        return sorted(valued, key=lambda job: _best(job, self.metric) or 0.0, reverse=higher_is_better(self.metric))


def _best(job: TrainingJob, metric: str) -> float | None:
    found = job.best_metrics.get(metric)
    return found["value"] if found else None


def named(workspace: Workspace, names: Sequence[str]) -> list[TrainingJob]:
    """The jobs of these names in this order; those that are not there are left out."""
    found = {job.name: job for job in jobs_of(workspace).filter(name__in=set(names)).order_by()}
    return [found[name] for name in dict.fromkeys(names) if name in found]


def compare(workspace: Workspace, names: Sequence[str]) -> Comparison:
    """Compare the jobs of these names; raises Refusal for too few or too many, NotFound for one that is not there."""
    wanted = list(dict.fromkeys(names))
    if not FEWEST <= len(wanted) <= MOST:
        raise Refusal(f"Compare {FEWEST} to {MOST} jobs, not {len(wanted)}.", "jobs")
    jobs = named(workspace, wanted)
    if missing := set(wanted) - {job.name for job in jobs}:
        raise NotFound(f"there is no training job {min(missing)!r} in workspace {workspace.slug!r}", "jobs")
    sections = [
        Section("Result", _results(jobs)),
        Section("Metrics", _metrics(jobs)),
        Section("Hyperparameters", _texts(jobs, lambda job: job.hyperparameters)),
        Section("Data, code and image", _origin(jobs)),
        Section("Where it ran", _machine(jobs)),
        Section("Tags", _texts(jobs, lambda job: job.tags)),
    ]
    return Comparison(jobs, _only(sections, differs=True), _only(sections, differs=False), jobs[0].objective_metric)


def _only(sections: Sequence[Section], *, differs: bool) -> list[Section]:
    found = [Section(each.title, [line for line in each.lines if line.differs == differs]) for each in sections]
    return [each for each in found if each.lines]


def _line(title: str, texts: Sequence[Any]) -> Line:
    return Line(title, [NOTHING if text in (None, "") else str(text) for text in texts], [False] * len(texts))


def _figures(title: str, values: Sequence[float | None], write: Callable[[Any], str], *, higher: bool = False) -> Line:
    """A line of numbers of which the best is marked, unless all are the same."""
    known = [value for value in values if value is not None]
    best = (max if higher else min)(known) if len(set(known)) > 1 else None
    return Line(title, [write(value) for value in values], [best is not None and value == best for value in values])


def _results(jobs: Sequence[TrainingJob]) -> list[Line]:
    seconds = [job.billable_seconds if job.is_terminal else None for job in jobs]
    costs = [None if job.cost is None or not job.is_terminal else float(job.cost) for job in jobs]
    return [
        _line("Status", [job.display_status for job in jobs]),
        _line("Failure", [job.failure_reason for job in jobs]),
        _figures("Billable time", seconds, clock),
        _figures("Cost", costs, money),
    ]


def _metrics(jobs: Sequence[TrainingJob]) -> list[Line]:
    objectives = {job.objective_metric for job in jobs}
    names = sorted({name for job in jobs for name in job.best_metrics}, key=lambda name: (name not in objectives, name))
    return [_figures(name, [_best(job, name) for job in jobs], figure, higher=higher_is_better(name)) for name in names]


def _texts(jobs: Sequence[TrainingJob], of: Callable[[TrainingJob], dict[str, Any]]) -> list[Line]:
    names = sorted({name for job in jobs for name in of(job)})
    return [_line(name, [of(job).get(name) for job in jobs]) for name in names]


def _origin(jobs: Sequence[TrainingJob]) -> list[Line]:
    channels = sorted({name for job in jobs for name in job.channels})
    return [
        _line("Algorithm", [job.algorithm for job in jobs]),
        _line("Data set", [job.dataset.name if job.dataset else "" for job in jobs]),
        _line("Version", [f"v{job.dataset_version.number}" if job.dataset_version else "" for job in jobs]),
        *(_line(f"Channel {name}", [job.channels.get(name, {}).get("s3_uri") for job in jobs]) for name in channels),
        _line("Script", [job.source.get("program") for job in jobs]),
        _line("Source", [job.source.get("git_url") or job.source.get("s3_uri") for job in jobs]),
        _line("Commit", [job.source.get("git_commit") for job in jobs]),
        _line("Image", [job.image_uri or job.training_image for job in jobs]),
    ]


def _machine(jobs: Sequence[TrainingJob]) -> list[Line]:
    return [
        _line("Instance", [job.instance_type for job in jobs]),
        _line("Instances", [job.instance_count for job in jobs]),
        _line("Owner", [job.owner_name for job in jobs]),
    ]
