"""plotly.min.js comes out of its package."""

from pathlib import Path

from django.contrib.staticfiles import finders

from apps.core.finders import PlotlyFinder


def test_the_script_is_found_in_the_installed_package_and_nothing_else_is() -> None:
    found = finders.find("vendor/plotly.min.js")
    assert isinstance(found, str)
    assert Path(found).stat().st_size > 1_000_000
    assert finders.find("vendor/other.js") is None


def test_collectstatic_is_given_exactly_that_file() -> None:
    (path, storage), *more = PlotlyFinder().list(None)
    assert (path, more) == ("plotly.min.js", [])
    assert storage.exists(path)
