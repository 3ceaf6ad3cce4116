"""`make soak [SEED=1] [COUNT=200]`: drills at random, a line each; ends with 0 only when all of them held.

`region` kills the region, supervisors, training programs and the whole host around jobs and objects COUNT times;
`console` kills the console's parts a tenth as often; `fuzz` sends COUNT * 100 requests that no client would send.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.jobs import DART, Jobs
from tests.region.conftest import RegionProcess, free_port
from tests.region.faults import Faults
from tests.region.fuzz import Fuzzer
from tests.stack import PARTS, Stack

SECONDS = 8.0  # of a job whose console is disturbed
AT_ONCE = 2


def main() -> int:
    """Run the drills; answers 0, or 1 with what went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same choices")
    parser.add_argument("--count", type=int, default=200, help="how many kills around the region's jobs")
    parser.add_argument("drills", nargs="*", help=f"{', '.join(DRILLS)}; all, unless some are named")
    chosen = parser.parse_args()
    if unknown := set(chosen.drills) - set(DRILLS):
        parser.error(f"no such drill: {', '.join(sorted(unknown))}; there are {', '.join(DRILLS)}")
    return max([_held(name, chosen.seed, chosen.count) for name in chosen.drills or DRILLS])


def _held(name: str, seed: int, count: int) -> int:
    """Run one drill and tell of it in a line; answers 0 or 1."""
    began = time.monotonic()
    try:
        told, code = DRILLS[name](seed, count), 0
    except AssertionError as error:
        told, code = f"FAILED: {error}", 1
    print(f"{name:8} seed {seed}, {time.monotonic() - began:.0f} s: {told}", flush=True)
    return code


def _region(seed: int, count: int) -> str:
    with tempfile.TemporaryDirectory(prefix="mlconsole-soak-") as folder:
        region = RegionProcess(Path(folder) / "home", free_port())
        region.start()
        try:
            return Faults(region, seed).run(count, _say)
        finally:
            region.stop()


def _fuzz(seed: int, count: int) -> str:
    with tempfile.TemporaryDirectory(prefix="mlconsole-soak-") as folder:
        region = RegionProcess(Path(folder) / "home", free_port())
        region.start()
        try:
            tally = Fuzzer(region, seed).run(count * 100)
        finally:
            region.stop()
    assert not tally.wrong, "\n".join(tally.wrong)
    return f"{count * 100} requests; answers by status: {tally}"


def _console(seed: int, count: int) -> str:
    stack, kills = Stack(), max(1, count // 10)
    try:
        stack.start()
        stack.wait_until_healthy()
        _disturb(Jobs(stack), random.Random(seed), kills)  # noqa: S311 - choices, not secrets
    except AssertionError as error:
        raise AssertionError(f"{error}\n{stack.output}") from error
    finally:
        stack.remove()
    return f"{kills} kills, nothing lost"


def _disturb(jobs: Jobs, chance: random.Random, count: int) -> None:
    """Two jobs at once, as many random kills as are asked for, and a check of each job."""
    train = jobs.upload()
    rounds = jobs.rounds_that_last(train, SECONDS)
    for first in range(0, count, AT_ONCE):
        names = [jobs.launch(train, rounds, **DART) for _ in range(AT_ONCE)]
        for number in range(first, min(first + AT_ONCE, count)):
            _kill_one(jobs.stack, chance, number)
        for name in names:
            job = jobs.wait_for_end(name)
            assert job["status"] == "Completed", job
            jobs.assert_whole(name, rounds)


def _kill_one(stack: Stack, chance: random.Random, number: int) -> None:
    """Kill one part, or `up` itself, at a random moment, and wait until all is well again."""
    time.sleep(chance.uniform(0, 4))
    victim = chance.choice([*PARTS, "up"])
    _say(f"{number + 1:3} kill -9 {victim}")
    if victim == "up":
        assert stack.up is not None
        stack.up.kill()
        stack.up.wait()
        stack.start()
    else:
        stack.wait_for_another(victim, stack.kill(victim))
    stack.wait_until_healthy()


def _say(line: str) -> None:
    print(f"  {line}", flush=True)


DRILLS: dict[str, Callable[[int, int], str]] = {"region": _region, "fuzz": _fuzz, "console": _console}


if __name__ == "__main__":
    sys.exit(main())
