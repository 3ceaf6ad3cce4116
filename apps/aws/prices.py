"""What instances cost, from `prices.toml`."""

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class InstanceType:
    """One kind of machine that a job can run on; the price is USD an hour on demand."""

    name: str
    vcpus: int
    memory_gib: int
    price_per_hour: Decimal
    gpus: int


@cache
def _table() -> dict[str, InstanceType]:
    rows = tomllib.loads((Path(__file__).parent / "prices.toml").read_text())["instances"]
    return {
        name: InstanceType(name, vcpus, memory, Decimal(price), gpus)
        for name, (vcpus, memory, price, gpus) in rows.items()
    }


def instance_types() -> list[InstanceType]:
    """Every instance type the console offers, in the table's order."""
    return list(_table().values())


def price_per_hour(instance_type: str) -> Decimal | None:
    """USD an hour for one instance, None when the table does not know the type."""
    found = _table().get(instance_type)
    return found.price_per_hour if found else None


def gpus(instance_type: str) -> int:
    """How many GPUs it has; none when the table does not know the type."""
    found = _table().get(instance_type)
    return found.gpus if found else 0
