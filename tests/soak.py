"""`make soak [SEED=1] [COUNT=20]`: kills parts at random while jobs train; every job must complete whole."""

import argparse
import random
import sys
import time

from tests.jobs import Jobs
from tests.stack import PARTS, Stack

ROUNDS = 3000
AT_ONCE = 2


def main() -> int:
    """Run the soak; a line a kill and a job; answers 0, or 1 with what went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same choices")
    parser.add_argument("--count", type=int, default=20, help="how many kills")
    chosen = parser.parse_args()
    stack = Stack()
    try:
        stack.start()
        stack.wait_until_healthy()
        soak(Jobs(stack), random.Random(chosen.seed), chosen.count)  # noqa: S311  choices, not secrets
    except AssertionError as error:
        print(f"seed {chosen.seed}: {error}\n{stack.output}", file=sys.stderr)
        return 1
    finally:
        stack.remove()
    print(f"seed {chosen.seed}: {chosen.count} kills, nothing lost")
    return 0


def soak(jobs: Jobs, chance: random.Random, count: int) -> None:
    """Two jobs at once, as many random kills as are asked for, and a check of each job."""
    train = jobs.upload()
    for first in range(0, count, AT_ONCE):
        names = [jobs.launch(train, ROUNDS) for _ in range(AT_ONCE)]
        for number in range(first, min(first + AT_ONCE, count)):
            kill_one(jobs.stack, chance, number)
        for name in names:
            job = jobs.wait_for_end(name)
            assert job["status"] == "Completed", job
            jobs.assert_whole(name, ROUNDS)
            print(f"  {name} complete, {ROUNDS} rounds", flush=True)


def kill_one(stack: Stack, chance: random.Random, number: int) -> None:
    """Kill one part, or `up` itself, at a random moment, and wait until all is well again."""
    time.sleep(chance.uniform(0, 4))
    victim = chance.choice([*PARTS, "up"])
    print(f"{number + 1:3} kill -9 {victim}", flush=True)
    if victim == "up":
        assert stack.up is not None
        stack.up.kill()
        stack.up.wait()
        stack.start()
    else:
        stack.wait_for_another(victim, stack.kill(victim))
    stack.wait_until_healthy()


if __name__ == "__main__":
    sys.exit(main())
