"""How figures, times and small charts are written."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from apps.core.templatetags import console


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (None, "–"),
        (0, "$0.00"),
        (Decimal("0.0026"), "$0.0026"),
        (Decimal("0.2300"), "$0.23"),
        (Decimal("0.00002"), "< $0.0001"),
        (Decimal("41.2"), "$41.20"),
        (Decimal("1234.5"), "$1,234.50"),
    ],
)
def test_money_has_cents_and_small_sums_have_four_decimals(amount: Decimal | None, text: str) -> None:
    assert console.money(amount) == text


@pytest.mark.parametrize(
    ("length", "text"),
    [(None, "–"), (41, "0:41"), (760, "12:40"), (timedelta(hours=3, minutes=2, seconds=11), "3:02:11"), (-5, "0:00")],
)
def test_a_length_of_time_reads_like_a_clock(length: float | timedelta | None, text: str) -> None:
    assert console.clock(length) == text


def test_a_stretch_under_a_second_does_not_read_as_nothing() -> None:
    assert (console.took(0.3), console.took(61)) == ("< 1 s", "1:01")


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (0.98612, "0.9861"), (0.0, "0.0000"), (0.00002, "2.00e-05"), (41.2, "41.20"), (-12345.6, "-12,346")],
)
def test_a_metric_has_the_digits_that_matter(value: float | None, text: str) -> None:
    assert console.figure(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (15.0, "15"), (1001, "1001"), (0.10099999999999999, "0.101"), (1234.5678, "1234.57"), ("F", "F")],
)
def test_a_cell_of_data_is_written_without_the_noise_of_binary_fractions(value: float | str | None, text: str) -> None:
    assert console.number(value) == text


@pytest.mark.parametrize(
    ("age", "text"),
    [(1, "now"), (41, "41 s ago"), (130, "2 min ago"), (3 * 3600, "3 h ago")],
)
def test_the_recent_past_is_told_in_words(age: int, text: str) -> None:
    assert console.ago(timezone.now() - timedelta(seconds=age)) == text


def test_the_farther_past_is_told_by_its_date_with_the_year_when_that_is_another() -> None:
    assert console.ago(datetime(2020, 3, 4, tzinfo=UTC)) == "4 Mar 2020"


def test_a_time_carries_the_exact_moment() -> None:
    html = console.when(datetime(2020, 3, 4, 5, 6, 7, tzinfo=UTC))
    assert 'datetime="2020-03-04T05:06:07.000+00:00"' in html
    assert 'title="4 Mar 2020, 05:06:07 UTC"' in html


def test_a_sparkline_needs_two_values_and_stays_within_its_box() -> None:
    assert console.spark([1.0]) == ""
    points = console.spark([0.0, 50.0, 100.0]).split('points="')[1].split('"')[0]
    assert points == "0.0,19.0 38.0,10.0 76.0,1.0"


def test_a_tab_written_as_sagemaker_logs_write_it_is_shown_as_one() -> None:
    assert console.tabs("[0]#011train-auc:0.9") == "[0]\ttrain-auc:0.9"
