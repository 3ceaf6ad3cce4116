"""The linear learner's optimizers: each turns gradients into steps, to be multiplied by the learning rate."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

Array = np.ndarray[Any, Any]

TINY = 1e-8


class Optimizer(Protocol):
    """Remembers what it needs between the steps of one parameter."""

    def step(self, gradient: Array) -> Array:
        """The step against the gradient, before the learning rate."""


class Adam:
    """Kingma and Ba's Adam, with its authors' defaults for "auto"."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._decays = options["beta_1"] or 0.9, options["beta_2"] or 0.999
        self._first: Array | float = 0.0
        self._second: Array | float = 0.0
        self._count = 0

    def step(self, gradient: Array) -> Array:
        """The step against the gradient, before the learning rate."""
        one, two = self._decays
        self._count += 1
        self._first = one * self._first + (1 - one) * gradient
        self._second = two * self._second + (1 - two) * np.square(gradient)
        mean = self._first / (1 - one**self._count)
        square = self._second / (1 - two**self._count)
        return np.asarray(mean / (np.sqrt(square) + TINY))


class Sgd:
    """Gradient descent with momentum."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._momentum = 0.9 if options["momentum"] is None else options["momentum"]
        self._velocity: Array | float = 0.0

    def step(self, gradient: Array) -> Array:
        """The step against the gradient, before the learning rate."""
        self._velocity = self._momentum * self._velocity + gradient
        return np.asarray(self._velocity)


class RmsProp:
    """Hinton's RMSProp."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._decay = 0.9
        self._square: Array | float = 0.0

    def step(self, gradient: Array) -> Array:
        """The step against the gradient, before the learning rate."""
        self._square = self._decay * self._square + (1 - self._decay) * np.square(gradient)
        return np.asarray(gradient / (np.sqrt(self._square) + TINY))


# optimizer -> its class, and the learning rates that "auto" tries, the first for a single model.
OPTIMIZERS: dict[str, tuple[type[Adam] | type[Sgd] | type[RmsProp], tuple[float, ...]]] = {
    "auto": (Adam, (0.05, 0.2, 0.01, 0.5)),
    "adam": (Adam, (0.05, 0.2, 0.01, 0.5)),
    "sgd": (Sgd, (0.05, 0.2, 0.01, 0.5)),
    "rmsprop": (RmsProp, (0.01, 0.05, 0.002, 0.1)),
}
