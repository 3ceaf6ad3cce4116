"""How a program inside a job fails: the reason into output/failure, then an exit code, as SageMaker's images do."""

import sys
import traceback
from collections.abc import Callable
from pathlib import Path


class UserError(Exception):
    """The user can mend it: reported as ClientError."""


def run(train: Callable[[], None], failure: Path, *, client_error: int = 1) -> int:
    """Run `train`; answers the exit code, and writes `failure` when it is not 0.

    `client_error` is the exit code after a UserError: 1 in SageMaker's open containers, 2 in its own algorithms.
    """
    try:
        train()
    except UserError as error:
        code, reason = client_error, f"ClientError: {error}"
        print(f"Customer Error: {error}", file=sys.stderr, flush=True)
    except Exception as error:
        code, reason = 1, f"AlgorithmError: {error}"
        traceback.print_exc()
    else:
        return 0
    failure.parent.mkdir(parents=True, exist_ok=True)
    failure.write_text(reason)
    return code
