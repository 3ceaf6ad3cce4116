"""Processes are told apart by pid and start, and only our own groups get signals."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from apps.localregion.compute.durable import claim_json, read_json, write_json
from apps.localregion.compute.processes import alive, identity, kill_group, started


def sleeper() -> "subprocess.Popen[bytes]":
    """A process that leads a group of its own."""
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)


def test_a_process_is_alive_until_it_ends_even_before_it_is_reaped() -> None:
    process = sleeper()
    record = identity(process.pid)
    assert alive(record)
    assert not alive({**record, "started": "another boot:1"})
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert started(process.pid) is None
    assert not alive(record)
    process.wait()


def test_a_group_is_killed_only_if_its_leader_is_the_recorded_one() -> None:
    process = sleeper()
    record = identity(process.pid)
    kill_group({**record, "started": "another boot:1"})
    assert alive(record)
    kill_group(record)
    assert process.wait(10) == -signal.SIGKILL
    kill_group(record)
    kill_group(None)


def test_of_two_claims_one_wins(tmp_path: Path) -> None:
    path = tmp_path / "supervisor.json"
    assert claim_json(path, {"pid": 1})
    assert not claim_json(path, {"pid": 2})
    assert read_json(path) == {"pid": 1}
    assert [each.name for each in tmp_path.iterdir()] == ["supervisor.json"]


def test_a_record_is_replaced_whole_and_absence_is_none(tmp_path: Path) -> None:
    path = tmp_path / "exit.json"
    assert read_json(path) is None
    write_json(path, {"a": 1})
    write_json(path, {"a": 2})
    assert read_json(path) == {"a": 2}
