"""SageMaker's training instances, from `instances.toml`."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Instance:
    """One kind of machine; the price is USD an hour on demand."""

    name: str
    vcpus: int
    memory_gib: int
    price: str
    gpus: int


@cache
def instances() -> tuple[Instance, ...]:
    """Every instance type of the table, in its order."""
    rows = tomllib.loads((Path(__file__).parent / "instances.toml").read_text(encoding="utf-8"))["instances"]
    return tuple(Instance(name, *row) for name, row in rows.items())
