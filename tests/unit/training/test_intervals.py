"""Ranges as the tables write them."""

import pytest

from apps.training.intervals import Interval


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("[0, 1]", [0, 0.5, 1], [-0.1, 1.1]),
        ("(0, 1]", [0.001, 1], [0, 1.1]),
        ("[1, inf)", [1, 1e9], [0, 0.999]),
        ("(1, 2)", [1.5], [1, 2]),
        ("(-inf, inf)", [-1e9, 0, 1e9], []),
    ],
)
def test_an_interval_holds_what_mathematics_says(text: str, inside: list[float], outside: list[float]) -> None:
    interval = Interval.parse(text)
    assert all(value in interval for value in inside)
    assert not any(value in interval for value in outside)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[0, 1]", "0 to 1"),
        ("(0, 1]", "more than 0, up to 1"),
        ("[0, inf)", "0 or more"),
        ("(0, inf)", "more than 0"),
        ("(1, 2)", "more than 1, less than 2"),
        ("(-inf, 5]", "5 or less"),
        ("[3, 1000000]", "3 to 1,000,000"),
        ("[1e-6, 0.1]", "0.000001 to 0.1"),
        ("(-inf, inf)", ""),
    ],
)
def test_a_range_is_told_in_words(text: str, words: str) -> None:
    assert Interval.parse(text).words == words


def test_what_is_no_interval_is_refused() -> None:
    with pytest.raises(ValueError, match="not an interval"):
        Interval.parse("0..1")
