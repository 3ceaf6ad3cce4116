"""Which rows are held out: an exact share of each class, chosen by a seed, while the rows go by once."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

# The class of every row where no classes are kept apart.
ALL = 0


class HoldOut:
    """Chooses the rows to hold out; `counts` are the rows of each class, which are known before."""

    def __init__(self, counts: Mapping[int, int], share: float, seed: int) -> None:
        self.left = dict(counts)
        self.wanted = {label: round(count * share) for label, count in counts.items()}
        self.random = np.random.default_rng(seed)

    def choose(self, labels: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Whether each of the next rows is held out; how many of them are is drawn as from an urn without return."""
        chosen = np.zeros(len(labels), dtype=bool)
        for label in np.unique(labels):
            places = np.flatnonzero(labels == label)
            wanted, left = self.wanted[int(label)], self.left[int(label)]
            number = int(self.random.hypergeometric(wanted, left - wanted, len(places)))
            chosen[self.random.choice(places, number, replace=False, shuffle=False)] = True
            self.wanted[int(label)] -= number
            self.left[int(label)] -= len(places)
        return chosen
