"""Runs a user's training script as SageMaker's framework images do."""

from __future__ import annotations

import json
import logging
import os
import re
import signal
import subprocess
import sys
from collections import deque
from pathlib import Path

from apps.localregion.images import failures
from apps.localregion.images.failures import UserError
from apps.localregion.images.script_mode import environment, source
from apps.localregion.images.script_mode.environment import Given

TAIL_LINES = 60
_PYTHON_ERROR = re.compile(r"(\w+\.)*\w*(Error|Exception|Exit|Interrupt|Warning)\b")

logger = logging.getLogger("sagemaker-training-toolkit")


class ScriptFailed(Exception):
    """The user's script ended with another exit code than 0; the text is the toolkit's."""


def main() -> int:
    """Run the script in the folder SAGEMAKER_BASE_DIR; answers the exit code."""
    base = Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))
    given = environment.read(base)
    logging.basicConfig(
        stream=sys.stdout,
        level=given.log_level,
        format="%(asctime)s %(name)s %(levelname)-8s %(message)s",
    )
    code = failures.run(lambda: train(base, given), base / "output" / "failure")
    logger.info("Reporting training %s", "FAILURE" if code else "SUCCESS")
    return code


def train(base: Path, given: Given) -> None:
    """Lay out the code and run it to its end; raises UserError, ScriptFailed."""
    if not given.program:
        raise UserError(
            "No training script was named. Set the hyperparameters 'sagemaker_program' (the script) and "
            "'sagemaker_submit_directory' (the S3 address of a tar.gz archive that has it)."
        )
    code = source.lay_out(base, given.source)
    source.check_entry_point(code, given.program)
    packages = base / "code-packages"
    source.install_requirements(code, packages)
    variables = environment.variables(base, given)
    command = _command(code, given)
    logger.info("Invoking user script")
    _show(base, given, variables, command)
    paths = os.pathsep.join([str(code), *([str(packages)] if packages.is_dir() else [])])
    _run(command, code, {**os.environ, **variables, "PYTHONPATH": paths})


def _command(code: Path, given: Given) -> list[str]:
    """A shell script, a module of a package, or a Python script."""
    arguments = environment.arguments(given.hyperparameters)
    if given.program.endswith(".py"):
        if (code / "setup.py").is_file():
            return [sys.executable, "-m", given.program.removesuffix(".py").replace("/", "."), *arguments]
        return [sys.executable, given.program, *arguments]
    (code / given.program).chmod(0o755)
    return ["/bin/sh", "-c", f'./{given.program} "$@"', given.program, *arguments]


def _show(base: Path, given: Given, variables: dict[str, str], command: list[str]) -> None:
    facts = json.dumps(environment.training_env(base, given), indent=4)
    told = "\n".join(f"{name}={value}" for name, value in variables.items())
    print(f"\nTraining Env:\n\n{facts}\n\nEnvironment variables:\n\n{told}", flush=True)
    print(f"\nInvoking script with the following command:\n\n{' '.join(command)}\n\n", flush=True)


def _run(command: list[str], folder: Path, variables: dict[str, str]) -> None:
    """Run it, passing on what it prints and keeping the last of its errors; raises ScriptFailed."""
    # The whole group gets SIGTERM; the script decides what to do with it, and this program waits for it.
    signal.signal(signal.SIGTERM, lambda *_: None)
    tail: deque[str] = deque(maxlen=TAIL_LINES)
    with subprocess.Popen(command, cwd=folder, env=variables, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None  # noqa: S101 - it is a pipe
        for line in process.stderr:
            sys.stderr.buffer.write(line)
            sys.stderr.buffer.flush()
            tail.append(line.decode("utf-8", "replace").rstrip("\n"))
    if process.returncode:
        shown = "\n".join(_last_error([*tail]))
        raise ScriptFailed(
            f'ExecuteUserScriptError:\nExitCode {process.returncode}\nErrorMessage "{shown}"\n'
            f'Command "{" ".join(command)}"'
        )


def _last_error(lines: list[str]) -> list[str]:
    """From the last line that names a Python error on; the last line of others."""
    for number in range(len(lines) - 1, -1, -1):
        if _PYTHON_ERROR.match(lines[number]):
            return lines[number:]
    return lines[-1:]


if __name__ == "__main__":
    sys.exit(main())
