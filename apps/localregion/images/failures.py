"""How a program inside a job fails: the reason into output/failure, then exit code 1, as SageMaker's images do."""

import sys
import traceback
from collections.abc import Callable
from pathlib import Path


class UserError(Exception):
    """The user can mend it: reported as ClientError."""


def run(train: Callable[[], None], failure: Path) -> int:
    """Run `train`; answers the exit code, and writes `failure` when it is not 0."""
    try:
        train()
    except UserError as error:
        reason = f"ClientError: {error}"
        print(f"Customer Error: {error}", file=sys.stderr, flush=True)
    except Exception as error:
        reason = f"AlgorithmError: {error}"
        traceback.print_exc()
    else:
        return 0
    failure.parent.mkdir(parents=True, exist_ok=True)
    failure.write_text(reason)
    return 1
