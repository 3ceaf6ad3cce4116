"""The same done to many jobs: each as if it were asked for alone, and what was refused is told with its reason."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from apps.accounts.models import User
from apps.core.errors import Refusal
from apps.training.models import TrainingJob
from apps.training.services.keeping import archive, set_tags, unarchive
from apps.training.services.launching import request_stop

# More at once would keep the page waiting.
MOST = 1000


@dataclass
class Done:
    """The names of the jobs that were changed, of those that were not with the reason, and the tags as they were."""

    done: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    tags_before: dict[str, dict[str, str]] = field(default_factory=dict)


def _tag(job: TrainingJob, by: User, tags: dict[str, str]) -> None:
    set_tags(job, by, {**job.tags, **tags})


ACTIONS: dict[str, Callable[[TrainingJob, User, dict[str, str]], None]] = {
    "stop": lambda job, by, tags: request_stop(job, by),
    "archive": lambda job, by, tags: archive(job, by),
    "unarchive": lambda job, by, tags: unarchive(job, by),
    "tag": _tag,
}


def in_bulk(jobs: Iterable[TrainingJob], by: User, action: str, tags: dict[str, str] | None = None) -> Done:
    """Do it to each; raises Refusal for an action that is none, or a tag without a name."""
    if action not in ACTIONS:
        raise Refusal(f"{action!r} cannot be done; known are {', '.join(ACTIONS)}", "action")
    if action == "tag" and not tags:
        raise Refusal("Give the tag a name, and a value if it has one, as in team=risk.", "tags")
    result = Done()
    for job in jobs:
        before = dict(job.tags)
        try:
            ACTIONS[action](job, by, tags or {})
        except Refusal as refusal:
            result.refused[job.name] = refusal.message
            continue
        result.done.append(job.name)
        result.tags_before[job.name] = before
    return result


def retag(jobs: Iterable[TrainingJob], by: User, before: dict[str, dict[str, str]]) -> None:
    """Give jobs the tags back that they had."""
    for job in jobs:
        set_tags(job, by, before[job.name])
