"""`make bench [ONLY=group]`: measures the groups and prints a line a figure; exits with 1 when a bound is missed."""

import sys
from collections.abc import Callable, Iterator

from tests.bench import data, history, job, live, region_jobs, s3, startup, training
from tests.bench.figure import Figure

GROUPS: dict[str, Callable[[], Iterator[Figure]]] = {
    "startup": startup.measure,
    "s3": s3.measure,
    "data": data.measure,
    "history": history.measure,
    "region-jobs": region_jobs.measure,
    "training": training.measure,
    "job": job.measure,
    "live": live.measure,
}


def main(wanted: list[str]) -> int:
    """Measure the wanted groups, all of them unless some are named."""
    unknown = set(wanted) - set(GROUPS)
    if unknown:
        print(f"no such group: {', '.join(sorted(unknown))}; there are {', '.join(GROUPS)}", file=sys.stderr)
        return 2
    kept = True
    for name in wanted or GROUPS:
        for figure in GROUPS[name]():
            print(figure, flush=True)
            kept = kept and figure.ok
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
