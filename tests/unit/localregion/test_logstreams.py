"""Log files read by offset: both ways, from any time."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.localregion.compute import timelines
from apps.localregion.compute.logstreams import LogStreams, backward, forward, line_at, offset_at

MESSAGES = st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=30)
EVENTS = st.lists(st.tuples(st.integers(0, 20), MESSAGES), max_size=30).map(sorted)


@given(EVENTS, st.integers(0, 21))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_both_ways_and_the_search_by_time_agree_with_the_list(
    tmp_path: Path, events: list[tuple[int, str]], time: int
) -> None:
    path = tmp_path / "log"
    path.write_bytes("".join(f"{at}\t{text}\n" for at, text in events).encode() + b"21\thalf a li")
    end = timelines.whole(path)
    found = list(forward(path, 0, end))
    assert [(event.milliseconds, event.message) for event in found] == events
    assert list(backward(path, 0, end)) == found[::-1]
    later = offset_at(path, time)
    assert list(forward(path, later, end)) == [event for event in found if event.milliseconds >= time]
    assert list(backward(path, 0, later))[::-1] == [event for event in found if event.milliseconds < time]


def test_lines_longer_than_a_block_are_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "log"
    long = "x" * (timelines.BLOCK * 2 + 7)
    path.write_text(f"1\ta\n2\t{long}\n3\tb\n")
    assert [event.message for event in backward(path, 0, timelines.whole(path))] == ["b", long, "a"]
    assert line_at(path, timelines.BLOCK) == 4
    assert offset_at(path, 3) == 4 + 2 + len(long) + 1


@pytest.mark.parametrize("name", ["job/algo-1-1", "a", "a/b/c", "../../etc", "a+/b.log", "/", "über/..", "job/"])
def test_any_stream_name_is_a_file_below_its_group_and_is_found_again(tmp_path: Path, name: str) -> None:
    streams = LogStreams(tmp_path / "logs")
    streams.make_group("/aws/group")
    path = streams.path("/aws/group", name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("1\tx\n")
    assert path.resolve().is_relative_to(streams.group("/aws/group").resolve())
    assert dict(streams.streams("/aws/group", name)) == {name: path}
    assert streams.groups() == ["/aws/group"]
