"""The process manager with small real programs: nothing here is pretended but their work."""

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from apps.core import processes
from apps.core.processes import Part, Parts, end_leftovers, python, recorded_process, write_record
from tests.stack import until

SLEEPER = python("-c", "import time; print('up', flush=True); time.sleep(600)")
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
STUBBORN = python("-c", f"{DEAF} print('up', flush=True); time.sleep(600)")


class Bench:
    """A manager with its folder and what it said."""

    def __init__(self, home: Path) -> None:
        self.home = home
        (home / "run").mkdir()
        self.said: list[str] = []
        self.parts = Parts(home, home, self.said.append)

    def watch_until(self, look: Callable[[], bool], what: str) -> None:
        """Keep watching, as `up` does, until `look` is true."""

        def watched() -> bool | None:
            self.parts.watch()
            return look() or None

        until(watched, 60, what)

    def process(self, name: str) -> psutil.Process | None:
        """The part's running process, from its record."""
        return recorded_process(self.home / "run" / f"{name}.json")

    def log(self, name: str) -> str:
        """What the part has written."""
        path = self.home / "logs" / f"{name}.log"
        return path.read_text() if path.exists() else ""


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A manager whose parts are ended with the test."""
    made = Bench(tmp_path)
    yield made
    made.parts.stop(1, hurry=lambda: True)


def test_a_part_runs_in_a_session_of_its_own_and_is_recorded(bench: Bench) -> None:
    bench.parts.start(Part("web", SLEEPER))
    process = bench.process("web")
    assert process is not None
    assert os.getsid(process.pid) == process.pid != os.getsid(0)


def test_a_killed_part_is_announced_and_started_again(bench: Bench) -> None:
    bench.parts.start(Part("web", SLEEPER))
    first = bench.process("web")
    assert first is not None
    first.kill()
    bench.watch_until(lambda: (again := bench.process("web")) is not None and again.pid != first.pid, "a new one")
    assert bench.said == [f"web was ended by SIGKILL; starting it again in 0.5 s (log: {bench.home}/logs/web.log)"]


def test_the_wait_doubles_with_each_death_and_counts_again_after_health(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "FIRST_WAIT", 0.01)
    bench.parts.start(Part("web", python("-c", "raise SystemExit(3)")))
    bench.parts._running[0].wait = 0.01
    bench.watch_until(lambda: len(bench.said) == 4, "four deaths")
    assert [line.split("again in ")[1].split(" s")[0] for line in bench.said] == [
        "0.01",
        "0.02",
        "0.04",
        "0.08",
    ]
    assert "exited with code 3" in bench.said[0]


def test_a_part_that_runs_once_is_done_when_it_succeeds(bench: Bench) -> None:
    again = (
        "import pathlib; done = pathlib.Path('tried'); code = not done.exists(); done.touch(); raise SystemExit(code)"
    )
    bench.parts.start(Part("first-light", python("-c", again), once=True))
    bench.watch_until(lambda: not bench.parts._running, "its success")
    assert [line.split(";")[0] for line in bench.said] == ["first-light exited with code 1"]
    assert list((bench.home / "run").iterdir()) == []


def test_a_part_that_cannot_be_run_again_is_tried_again_later(bench: Bench, tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\nexit 0\n")
    program.chmod(0o700)
    bench.parts.start(Part("web", (str(program),)))
    bench.watch_until(lambda: len(bench.said) == 1, "its end")
    program.rename(tmp_path / "away")
    bench.watch_until(lambda: len(bench.said) == 2, "a failed start")
    assert "could not be started" in bench.said[1]
    (tmp_path / "away").rename(program)
    bench.watch_until(lambda: len(bench.said) == 3, "a start that worked")
    assert "exited with code 0" in bench.said[2]


def test_errors_in_a_log_are_shown_and_other_lines_are_not(bench: Bench) -> None:
    program = "print('quiet'); print('12:00 ERROR apps.x [-] it broke', flush=True); import time; time.sleep(600)"
    bench.parts.start(Part("worker", python("-c", program)))
    bench.watch_until(lambda: bool(bench.said), "the error")
    assert bench.said == ["worker: 12:00 ERROR apps.x [-] it broke"]
    assert "quiet" in bench.log("worker")


def test_an_error_that_repeats_itself_is_shown_once(bench: Bench) -> None:
    lines = [f"print('12:0{n} ERROR x [-] no answer from 0x{n}f', flush=True);" for n in range(5)]
    program = "".join(lines) + "print('12:09 ERROR another', flush=True); import time; time.sleep(600)"
    bench.parts.start(Part("worker", python("-c", program)))
    bench.watch_until(lambda: len(bench.said) > 1, "both errors")
    assert bench.said == ["worker: 12:00 ERROR x [-] no answer from 0x0f", "worker: 12:09 ERROR another"]


def test_a_big_log_is_put_aside_when_the_part_starts(bench: Bench) -> None:
    logs = bench.home / "logs"
    logs.mkdir()
    (logs / "web.log").write_bytes(b"old ERROR\n" * 600_000)
    bench.parts.start(Part("web", SLEEPER))
    bench.watch_until(lambda: bench.log("web") == "up\n", "a new log")
    assert (logs / "web.log.1").stat().st_size == 6_000_000
    assert bench.said == []


def test_stopping_ends_the_last_started_first_and_forgets_the_records(bench: Bench) -> None:
    note = "import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: sys.exit(print(time.time_ns())));"
    program = python("-c", note + "print('up', flush=True); time.sleep(600)")
    for name in ("first", "second"):
        bench.parts.start(Part(name, program))
    bench.watch_until(lambda: "up" in bench.log("first") and "up" in bench.log("second"), "both")
    bench.parts.stop(60, hurry=lambda: False)
    ended = {name: int(bench.log(name).splitlines()[-1]) for name in ("first", "second")}
    assert ended["second"] < ended["first"]
    assert list((bench.home / "run").iterdir()) == []


def test_a_part_that_ignores_the_request_is_killed_in_time(bench: Bench) -> None:
    bench.parts.start(Part("web", STUBBORN))
    bench.watch_until(lambda: "up" in bench.log("web"), "its start")
    process = bench.process("web")
    began = time.monotonic()
    bench.parts.stop(1, hurry=lambda: False)
    assert 0.9 < time.monotonic() - began < 30
    assert process is not None
    assert not process.is_running()


def test_hurry_kills_at_once(bench: Bench) -> None:
    bench.parts.start(Part("web", STUBBORN))
    bench.watch_until(lambda: "up" in bench.log("web"), "its start")
    began = time.monotonic()
    bench.parts.stop(60, hurry=lambda: True)
    assert time.monotonic() - began < 30


def test_what_a_killed_up_left_running_is_ended(bench: Bench) -> None:
    bench.parts.start(Part("web", SLEEPER))
    bench.parts.start(Part("worker", STUBBORN))
    bench.watch_until(lambda: "up" in bench.log("worker"), "its start")
    left = [bench.process("web"), bench.process("worker")]
    assert end_leftovers(bench.home, seconds=1) == ["web", "worker"]
    for process in left:
        assert process is not None
        assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    assert list((bench.home / "run").iterdir()) == []


def test_another_process_with_a_recorded_pid_is_left_alone(bench: Bench) -> None:
    path = bench.home / "run" / "web.json"
    write_record(path, os.getpid())
    path.write_text(json.dumps(json.loads(path.read_text()) | {"started": 1.0}))
    assert recorded_process(path) is None
    assert end_leftovers(bench.home) == []


@pytest.mark.parametrize("body", ["", "{}", "[]", '{"pid": "x"}', '{"pid": 0, "started": 0}'])
def test_a_broken_record_names_no_process(tmp_path: Path, body: str) -> None:
    path = tmp_path / "web.json"
    path.write_text(body)
    assert recorded_process(path) is None


def test_a_process_that_is_gone_is_not_recorded(tmp_path: Path) -> None:
    path = tmp_path / "web.json"
    child = psutil.Popen(python("-c", ""))
    child.wait()
    write_record(path, child.pid)
    assert not path.exists()
