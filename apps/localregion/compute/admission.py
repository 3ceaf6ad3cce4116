"""Which waiting jobs get slots: in order of creation, and none past a larger one that waits."""

from collections.abc import Iterable
from typing import Any

from apps.localregion.compute import cluster

Body = dict[str, Any]


def admitted(bodies: Iterable[Body], slots: int) -> set[str]:
    """The names of the waiting jobs that may begin; `bodies` are all active jobs, oldest first.

    A job takes a slot an instance, but never more than there are: the largest runs alone.
    """
    waiting, free = [], slots
    for body in bodies:
        if "TrainingStartTime" in body:
            free -= _needs(body, slots)
        elif body["TrainingJobStatus"] == "InProgress":
            waiting.append(body)
    names = set()
    for body in waiting:
        free -= _needs(body, slots)
        if free < 0:
            break
        names.add(body["TrainingJobName"])
    return names


def _needs(body: Body, slots: int) -> int:
    return min(cluster.count(body["ResourceConfig"]), slots)
