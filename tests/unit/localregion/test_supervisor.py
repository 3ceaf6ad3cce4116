"""The supervisor around real little programs."""

import json
import os
import shutil
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import psutil
import pytest

from apps.localregion.compute import sandbox, space
from apps.localregion.compute.durable import write_json
from apps.localregion.compute.folder import HostFolder, JobFolder
from apps.localregion.compute.launch import start_supervisor
from apps.localregion.compute.outcome import failure_reason, outcome

WAIT_SECONDS = 150.0


@pytest.fixture
def folder(tmp_path: Path) -> JobFolder:
    """An empty job folder."""
    made = JobFolder(tmp_path)
    made.make()
    return made


def start(folder: JobFolder, program: str, **changes: Any) -> "subprocess.Popen[bytes]":
    """Start a supervisor for a Python program on one instance."""
    return start_all(folder, {"algo-1": program}, **changes)


def start_all(folder: JobFolder, programs: dict[str, str], **changes: Any) -> "subprocess.Popen[bytes]":
    """Start a supervisor for a Python program an instance; changes are of the job or of each instance."""
    for name in programs:
        folder.host(name).make()
    if sandbox.available():
        sandbox.write_hosts(folder.hosts_file, [*programs])
    hosts = [
        {
            "name": name,
            "command": [sys.executable, "-u", "-c", program],
            "working_folder": str(folder.host(name).ml),
            "environment": {"PATH": os.defpath, "WORD": "given"},
            "log": str(folder.host(name).path / "log"),
            "cpus": 1,
            "memory_bytes": 1 << 30,
            **{key: changes[key] for key in ("command", "environment", "log", "memory_bytes") if key in changes},
        }
        for name, program in programs.items()
    ]
    job = {
        "attempt": 0,
        "hosts": hosts,
        "hosts_file": str(folder.hosts_file) if sandbox.available() else "",
        "isolated": False,
        "group": f"test-{uuid.uuid4()}",
        "volume_bytes": 0,
        "metric_definitions": [{"Name": "loss", "Regex": "loss=(.*)"}],
        "max_runtime_seconds": 600,
        "stop_grace_seconds": 1,
        **{key: changes[key] for key in changes if key not in hosts[0]},
    }
    write_json(folder.job, job)
    return start_supervisor(folder)


def record(folder: JobFolder, supervisor: "subprocess.Popen[bytes]") -> dict[str, Any]:
    """The exit record, once the supervisor has ended."""
    assert supervisor.wait(WAIT_SECONDS) == 0
    found = folder.ended()
    assert found is not None
    return found


def printed(folder: HostFolder) -> list[str]:
    """The lines of the log so far."""
    log = folder.path / "log"
    return [line.partition("\t")[2] for line in log.read_text().splitlines()] if log.exists() else []


def wait_for(folder: JobFolder, line: str) -> None:
    """Wait until the program has printed a line."""
    deadline = time.monotonic() + WAIT_SECONDS
    while line not in printed(folder):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_output_of_both_streams_exit_code_and_metrics_are_kept(folder: JobFolder) -> None:
    program = "import os, sys; print(os.environ['WORD'], 'loss=0.5'); print('bad', file=sys.stderr); sys.exit(3)"
    found = record(folder, start(folder, program))
    assert printed(folder) == ["given loss=0.5", "bad"]
    assert (found["exit_code"], found["reason"], found["tail"][-1]) == (3, "exited", "bad")
    assert [(each["name"], each["value"]) for each in found["metrics"]] == [("loss", 0.5)]


def test_the_failure_file_is_in_the_record(folder: JobFolder) -> None:
    program = "import pathlib, sys; pathlib.Path('output/failure').write_text('ClientError: why'); sys.exit(1)"
    assert record(folder, start(folder, program))["failure"] == "ClientError: why"


def test_of_two_supervisors_one_runs_the_program(folder: JobFolder) -> None:
    first = start(folder, "print('once')")
    second = start_supervisor(folder)
    assert [each.wait(WAIT_SECONDS) for each in (first, second)] == [0, 0]
    assert folder.exit.exists()
    assert printed(folder) == ["once"]


def test_a_program_that_heeds_sigterm_ends_in_its_own_way(folder: JobFolder) -> None:
    program = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: (print('saved'), sys.exit(0)))\n"
        "print('ready'); time.sleep(600)"
    )
    supervisor = start(folder, program, stop_grace_seconds=60)
    wait_for(folder, "ready")
    supervisor.terminate()
    found = record(folder, supervisor)
    assert (found["exit_code"], found["reason"], found["tail"]) == (0, "stopped", ["ready", "saved"])


def test_a_program_that_ignores_sigterm_is_killed_after_its_grace(folder: JobFolder) -> None:
    program = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready'); time.sleep(600)"
    supervisor = start(folder, program)
    wait_for(folder, "ready")
    folder.stop.touch()
    found = record(folder, supervisor)
    assert (found["exit_code"], found["reason"]) == (137, "stopped")
    assert found["ended"] - found["started"] >= 1


def test_a_program_that_runs_too_long_is_ended(folder: JobFolder) -> None:
    found = record(folder, start(folder, "import time; time.sleep(600)", max_runtime_seconds=0.5))
    assert (found["exit_code"], found["reason"]) == (143, "max_runtime")


def test_what_the_program_leaves_behind_ends_with_it(folder: JobFolder) -> None:
    program = (
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print(child.pid)"
    )
    record(folder, start(folder, program))
    child = int(printed(folder)[0])
    deadline = time.monotonic() + WAIT_SECONDS
    while psutil.pid_exists(child) and psutil.Process(child).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize(
    "changes", [{"command": ["/no/such/program"]}, {"environment": {"PATH": "a\0b"}}], ids=["command", "environment"]
)
def test_a_program_that_cannot_be_started_is_a_failure_with_its_reason(
    folder: JobFolder, changes: dict[str, Any]
) -> None:
    found = record(folder, start(folder, "", **changes))
    assert found["exit_code"] == 127
    assert found["tail"][0].startswith("The training program cannot be started: ")


def test_the_use_of_the_machine_is_sampled_each_second(folder: JobFolder) -> None:
    program = "import time\nend = time.monotonic() + 3.5\nwhile time.monotonic() < end: pass"
    record(folder, start(folder, program))
    samples = [json.loads(line) for line in folder.usage.read_text().splitlines()]
    assert len(samples) >= 2
    assert max(sample["CPUUtilization"] for sample in samples) > 5
    assert all(0 < sample["MemoryUtilization"] < 100 for sample in samples)


def test_instances_have_folders_logs_and_names_of_their_own(folder: JobFolder) -> None:
    program = (
        "import os, pathlib, socket\n"
        "pathlib.Path('model/mine').write_text(os.getcwd())\n"
        "print(*(socket.gethostbyname(name) for name in NAMES), socket.gethostname())"
    )
    names = [*("algo-1", "algo-2")] if sandbox.available() else ["localhost"]
    made = program.replace("NAMES", repr(names))
    record(folder, start_all(folder, {"algo-1": made, "algo-2": made}))
    for name in ("algo-1", "algo-2"):
        host = folder.host(name)
        assert (host.ml / "model" / "mine").read_text() == str(host.ml)
        (line,) = printed(host)
        addresses = line.split()[: len(names)]
        assert addresses[0] == "127.0.0.1"
        if sandbox.available():
            assert addresses == ["127.0.0.1", "127.0.0.2"]
            assert line.endswith(f" {name}")


def test_a_program_finds_its_folder_as_opt_ml_where_that_can_be(folder: JobFolder) -> None:
    program = "import os; print(sorted(os.listdir('/opt/ml')) if os.path.isdir('/opt/ml') else 'none')"
    found = record(folder, start(folder, program))
    assert found["exit_code"] == 0
    expected = "['checkpoints', 'input', 'model', 'output']" if sandbox.available() else "none"
    assert printed(folder) == [expected]


def test_an_isolated_program_has_no_network_but_its_own_machine(folder: JobFolder) -> None:
    program = (
        "import socket\n"
        "own = socket.create_server(('127.0.0.1', 0)); socket.create_connection(own.getsockname()); print('own')\n"
        "print(socket.if_nameindex())"
    )
    record(folder, start(folder, program, isolated=sandbox.available()))
    own, interfaces = printed(folder)
    assert own == "own"
    assert not sandbox.available() or interfaces == "[(1, 'lo')]"


def test_an_instance_that_fails_ends_the_others_and_tells_how_it_was(folder: JobFolder) -> None:
    programs = {"algo-1": "import time; time.sleep(600)", "algo-2": "import sys; print('broken'); sys.exit(4)"}
    found = record(folder, start_all(folder, programs))
    assert (found["exit_code"], found["reason"], found["tail"]) == (4, "exited", ["broken"])
    assert found["ended"] - found["started"] < 60


def test_a_volume_that_is_full_ends_its_program_by_name(folder: JobFolder) -> None:
    program = "import time\nwith open('model/large', 'wb') as file: file.write(b'x' * (4 << 20))\ntime.sleep(600)"
    found = record(folder, start(folder, program, volume_bytes=1 << 20))
    assert found["reason"] == "volume_full"
    assert outcome(found, stopping=False)[2] == "ClientError: No space left on device: use a larger VolumeSizeInGB"


def test_of_the_jobs_on_a_disk_without_room_the_largest_is_ended_by_name(tmp_path: Path) -> None:
    large, small = (JobFolder(tmp_path / name) for name in ("large", "small"))
    started = []
    for folder, size in ((large, 8 << 20), (small, 1)):
        folder.make()
        program = f"open('model/data', 'wb').write(b'x' * {size}); print('ready'); import time; time.sleep(600)"
        started.append(start(folder, program))
        wait_for(folder, "ready")
    enough = shutil.disk_usage(tmp_path).free - (1 << 40)
    space.relieve(tmp_path, [large, small], enough)
    assert not small.exit.exists()
    assert not large.exit.exists()
    while not large.exit.exists():
        # What others write meanwhile moves the free space: the job is what makes the difference.
        space.relieve(tmp_path, [large, small], shutil.disk_usage(tmp_path).free + (1 << 20))
        time.sleep(0.05)
    assert record(large, started[0])["reason"] == "volume_full"
    assert started[1].poll() is None
    started[1].terminate()
    assert record(small, started[1])["reason"] == "stopped"


def test_lines_that_a_full_disk_refuses_end_neither_the_supervisor_nor_its_program(folder: JobFolder) -> None:
    full = Path("/dev/full")  # every write to it fails as on a full disk
    program = "import sys; print('loss=0.5'); sys.exit(2)"
    found = record(folder, start(folder, program, log=str(full if full.exists() else folder.path / "log")))
    assert (found["exit_code"], found["tail"], found["metrics"][0]["value"]) == (2, ["loss=0.5"], 0.5)
    if full.exists():
        assert failure_reason(found) == "ClientError: No space left on device: loss=0.5, exit code: 2"


def test_a_program_that_takes_too_much_memory_fails_by_name_where_it_can_be_limited(folder: JobFolder) -> None:
    program = "data = b'x' * (600 << 20); print(len(data))"
    found = record(folder, start(folder, program, memory_bytes=200 << 20))
    if found["out_of_memory"]:
        assert found["exit_code"] == 137
        assert "Please use an instance type with more memory" in failure_reason(found)
    else:
        assert printed(folder) == [str(600 << 20)]
