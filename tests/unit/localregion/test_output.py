"""What a program prints becomes log lines and metrics, however its bytes come."""

import json
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.localregion.compute.output import EVENT_BYTES, Output

DEFINITIONS = [{"Name": "train:loss", "Regex": r"loss=(\S+)"}]


def lines(path: Path) -> list[tuple[int, str]]:
    """Milliseconds and text of each line of a log file."""
    found = [line.partition("\t") for line in path.read_bytes().decode().split("\n")[:-1]]
    return [(int(milliseconds), text) for milliseconds, _, text in found]


@given(st.lists(st.binary(max_size=12)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_cut_of_the_bytes_changes_the_lines(tmp_path: Path, chunks: list[bytes]) -> None:
    log = tmp_path / "log"
    log.unlink(missing_ok=True)
    output = Output(log, tmp_path / "metrics", [])
    for chunk in chunks:
        output.feed(chunk, 1.5)
    output.end(2.0)
    whole = [line.rstrip(b"\r").decode("utf-8", "replace") for line in b"".join(chunks).split(b"\n")]
    assert [text for _, text in lines(log)] == [line for line in whole if line]


def test_a_metric_is_kept_with_its_time_and_the_last_is_known(tmp_path: Path) -> None:
    output = Output(tmp_path / "log", tmp_path / "metrics", DEFINITIONS)
    output.feed(b"loss=0.5\nloss=oops\nnothing\nloss=nan\n", 10.0)
    output.feed(b"loss=0.25 done\n", 11.0)
    records = [json.loads(line) for line in (tmp_path / "metrics").read_text().splitlines()]
    assert records == [
        {"t": 10.0, "name": "train:loss", "value": 0.5},
        {"t": 11.0, "name": "train:loss", "value": 0.25},
    ]
    assert output.last["train:loss"]["value"] == 0.25


def test_times_never_fall_when_the_clock_steps_back(tmp_path: Path) -> None:
    output = Output(tmp_path / "log", tmp_path / "metrics", [])
    for now in (20.0, 10.0, 30.0):
        output.feed(b"line\n", now)
    assert [milliseconds for milliseconds, _ in lines(tmp_path / "log")] == [20_000, 20_000, 30_000]


def test_a_line_longer_than_an_event_is_cut(tmp_path: Path) -> None:
    output = Output(tmp_path / "log", tmp_path / "metrics", [])
    output.feed(b"x" * (EVENT_BYTES * 2 + 1), 1.0)
    output.end(1.0)
    assert [len(text) for _, text in lines(tmp_path / "log")] == [EVENT_BYTES, EVENT_BYTES, 1]
