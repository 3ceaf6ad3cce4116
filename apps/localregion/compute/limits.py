"""How much of the machine a job's instance may use: that of its instance type, as far as the machine has it."""

import os
import re
from dataclasses import dataclass

import psutil

GIB = 1 << 30
# vCPUs by size and GiB a vCPU by family: EC2's instance types follow these two rules but for a few.
SIZES = {"medium": 2, "large": 2, "xlarge": 4}
GIB_A_CPU = {"c": 2, "m": 4, "t": 4, "r": 8, "g": 4, "p": 8, "trn": 8}
_TYPE = re.compile(r"ml\.(?P<family>[a-z]+)[\w-]*\.(?P<size>medium|large|xlarge|(?P<times>\d+)xlarge)")
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "POLARS_MAX_THREADS")


@dataclass(frozen=True)
class Limits:
    """CPUs, and bytes of memory."""

    cpus: int
    memory: int

    def environment(self) -> dict[str, str]:
        """By which well-behaved libraries keep to the CPUs, wherever nothing stronger is permitted."""
        return dict.fromkeys(THREADS, str(self.cpus))


def of(instance_type: str) -> Limits:
    """The limits of an instance type on this machine."""
    cores, memory = os.cpu_count() or 1, psutil.virtual_memory().total
    match = _TYPE.fullmatch(instance_type)
    if match is None:
        return Limits(cores, memory)
    cpus = 4 * int(match["times"]) if match["times"] else SIZES[match["size"]]
    return Limits(min(cpus, cores), min(cpus * GIB_A_CPU.get(match["family"], 4) * GIB, memory))
