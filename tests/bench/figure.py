"""One measured figure, and how it is told: name, ours, the floor's or a peer's, ratio, bound, verdict."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """`ours` must not exceed `bound`; `floor` is what the same costs without our code, where it was measured."""

    name: str
    unit: str
    ours: float
    bound: float
    floor: float | None = None

    @property
    def ok(self) -> bool:
        """Whether the bound is kept."""
        return self.ours <= self.bound

    def __str__(self) -> str:
        floor = "-" if self.floor is None else f"{self.floor:.3g} {self.unit}"
        ratio = "-" if not self.floor else f"{self.ours / self.floor:.2f}x"
        bound = f"<= {self.bound:g} {self.unit}"
        verdict = "ok" if self.ok else "MISS"
        return f"{self.name:28} {self.ours:8.3g} {self.unit:3} {floor:>12} {ratio:>7} {bound:>12}  {verdict}"
