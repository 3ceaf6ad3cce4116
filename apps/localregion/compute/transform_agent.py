"""Runs an instance of a transform job: `python -m apps.localregion.compute.transform_agent PLAN`.

SageMaker's part of the work, inside the job: it starts the model's containers, sends them the input's records and
keeps what they answer, an output file for an input file, each of them whole or not there.
"""

from __future__ import annotations

import os
import sys
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from apps.localregion.compute.appending import Appender
from apps.localregion.compute.associating import JSON, Association, Mismatch, media_type
from apps.localregion.compute.durable import read_json
from apps.localregion.compute.jsonpath import JsonPath
from apps.localregion.compute.payloads import MEGABYTE, BadInput, payloads
from apps.localregion.compute.serving import Container, ContainerFailed, InvocationFailed, Limits

DEFAULTS = {"MaxConcurrentTransforms": 1, "MaxPayloadInMB": 6, "BatchStrategy": "MULTI_RECORD"}
SEE_LOGS = "See job logs for more information"

Plan = dict[str, Any]


class Failed(Exception):
    """An input object that could not be transformed; `cause` is ClientError or AlgorithmError."""

    def __init__(self, cause: str, text: str) -> None:
        super().__init__(text)
        self.cause = cause
        self.text = text


class Agent:
    """The work of one instance."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._input, self._output = Path(plan["input"]), Path(plan["output"])
        self._log = Appender(Path(plan["data_log"]))
        self._limits = Limits(plan["timeout_seconds"], plan["retries"])
        self._association = Association(
            plan["content_type"], JsonPath(plan["input_filter"]), JsonPath(plan["output_filter"]), plan["joined"]
        )
        self._containers: list[Container] = []

    def run(self) -> str:
        """Transform every file; answers the reason of a failure, "" without one."""
        files = sorted(path for path in self._input.rglob("*") if path.is_file())
        if not files:
            return ""
        try:
            self._start()
        except ContainerFailed as error:
            self._say(f"{error}")
            return f"AlgorithmError: {error} {SEE_LOGS}"
        strategy = {**DEFAULTS, **self._containers[0].parameters(), **self._plan["strategy"]}
        shown = ", ".join(f"{name}={strategy[name]}" for name in DEFAULTS)
        self._say(shown)
        with ThreadPoolExecutor(max(1, int(strategy["MaxConcurrentTransforms"]))) as pool:
            failures = [failure for file in files if (failure := self._try(file, strategy, pool))]
        return failures[0] if failures else ""

    def _start(self) -> None:
        for each in self._plan["containers"]:
            self._containers.append(
                Container(each["command"], Path(each["folder"]), each["environment"], each["address"])
            )
        for container in self._containers:
            container.wait()

    def _try(self, file: Path, strategy: Plan, pool: ThreadPoolExecutor) -> str:
        """Transform a file; answers the reason of its failure, after which the others go on."""
        name = file.relative_to(self._input).as_posix()
        output = self._output / f"{name}.out"
        try:
            self._transform(file, output, strategy, pool)
        except Failed as error:
            where = f"{self._plan['source']}{name}"
            lines = error.text.splitlines() or [""]
            self._say(f"{where}: {error.cause}: {lines[0]}")
            for line in ["", "Message:", *lines] if lines[0] else []:
                self._say(f"{where}: {line}")
            told = ": ".join(lines[:2])[:400].rstrip(".")
            return f"{error.cause}: {where}: {told}. {SEE_LOGS}"
        return ""

    def _transform(self, file: Path, output: Path, strategy: Plan, pool: ThreadPoolExecutor) -> None:
        output.parent.mkdir(parents=True, exist_ok=True)
        made = output.with_name(f".{output.name}.{os.getpid()}")
        try:
            with made.open("wb") as stream:
                for piece in self._answers(self._payloads(file, strategy), strategy, pool):
                    stream.write(piece)
                stream.flush()
                os.fsync(stream.fileno())
            made.replace(output)
        except (BadInput, Mismatch) as error:
            raise Failed("ClientError", str(error)) from error
        finally:
            made.unlink(missing_ok=True)

    def _payloads(self, file: Path, strategy: Plan) -> Iterator[bytes]:
        kind = media_type(self._plan["content_type"])
        alone = kind == JSON and not (self._association.idle and self._association.input_filter.root)
        many = str(strategy["BatchStrategy"]).replace("_", "").upper() == "MULTIRECORD" and not alone
        most = int(strategy["MaxPayloadInMB"]) * MEGABYTE
        split = self._plan["split"]
        return payloads(file, gzipped=self._plan["gzipped"], split=split, many=many and split != "None", most=most)

    def _answers(self, parts: Iterable[bytes], strategy: Plan, pool: ThreadPoolExecutor) -> Iterator[bytes]:
        """What is stored of each payload, in their order; no more are under way than may be at once."""
        waiting: deque[Future[bytes]] = deque()
        try:
            for payload in parts:
                waiting.append(pool.submit(self._answer, payload))
                if len(waiting) >= int(strategy["MaxConcurrentTransforms"]):
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()

    def _answer(self, payload: bytes) -> bytes:
        """One payload through all containers, each of which gets what the one before it answered."""
        body, kind = self._association.sent(payload), self._plan["content_type"]
        for container in self._containers:
            last = container is self._containers[-1]
            try:
                body, kind = container.invoke(body, kind, self._plan["accept"] if last else "", self._limits)
            except InvocationFailed as error:
                cause = "ClientError" if 400 <= error.status < 500 else "AlgorithmError"
                raise Failed(cause, f"{error.status or ''}\n{error.text}".strip()) from error
        stored = self._association.stored(payload, body, self._plan["accept"] or kind)
        if self._plan["assemble"] == "Line" or not self._association.idle:
            return stored.rstrip(b"\r\n") + b"\n"
        return stored

    def _say(self, text: str) -> None:
        """A line of the job's data log."""
        now = time.time()
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now * 1000) % 1000:03d}"
        self._log.append(f"{int(now * 1000)}\t{stamp}:[sagemaker logs]: {text}\n".encode())


def main(path: str) -> int:
    """Run the plan; answers the exit code, and writes the reason of a failure where the job's supervisor looks."""
    plan = read_json(Path(path))
    os.chdir(plan["working_folder"])
    reason = Agent(plan).run()
    if reason:
        Path(plan["failure"]).write_text(reason)
    return 1 if reason else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
