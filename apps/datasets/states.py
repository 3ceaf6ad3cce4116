"""The states of a data set's version and which may follow which, as data."""

from collections.abc import Mapping
from typing import Literal

from django.db import models


class VersionState(models.TextChoices):
    """How far the console is with a version: read it, ask for its target, write what SageMaker trains on."""

    PROFILING = "Profiling"
    PROFILED = "Profiled"
    PREPARING = "Preparing"
    READY = "Ready"
    FAILED = "Failed"
    DELETING = "Deleting"


S = VersionState
FOLLOWERS: Mapping[VersionState, frozenset[VersionState]] = {
    S.PROFILING: frozenset({S.PROFILED, S.PREPARING, S.FAILED, S.DELETING}),
    S.PROFILED: frozenset({S.PREPARING, S.DELETING}),
    S.PREPARING: frozenset({S.READY, S.FAILED, S.DELETING}),
    S.READY: frozenset({S.DELETING}),
    S.FAILED: frozenset({S.DELETING}),
    S.DELETING: frozenset(),
}
# What the worker has something to do for.
WORKING = frozenset({S.PROFILING, S.PREPARING, S.DELETING})

Kind = Literal["run", "good", "bad", "stop", "wait"]

# How a state looks: a turning ring, a dot, a diamond, a square, a hollow ring.
KINDS: Mapping[str, Kind] = {
    S.PROFILING: "run",
    S.PROFILED: "wait",
    S.PREPARING: "run",
    S.READY: "good",
    S.FAILED: "bad",
    S.DELETING: "run",
}
# The word to show where the state's own does not say what is to be done.
WORDS: Mapping[str, str] = {S.PROFILED: "Choose a target"}


class Task(models.TextChoices):
    """What is predicted: one of two classes, one of several, or a number."""

    BINARY = "binary classification"
    MULTICLASS = "multiclass classification"
    REGRESSION = "regression"


# Tasks whose hold-out keeps the classes' shares.
STRATIFIED = frozenset({Task.BINARY, Task.MULTICLASS})


def may_precede(state: VersionState) -> list[VersionState]:
    """The states that `state` may follow: the guard of every UPDATE of a state."""
    return sorted(before for before, followers in FOLLOWERS.items() if state in followers)
