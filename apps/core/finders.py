"""Serves plotly.min.js from the installed plotly package as `vendor/plotly.min.js`: no copy in the project."""

from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import FileSystemStorage, Storage

FOLDER = "vendor"
FILE = "plotly.min.js"


def package_data() -> Path:
    """The folder of the plotly package that holds its script, found without importing the package."""
    spec = find_spec("plotly")
    if spec is None or not spec.submodule_search_locations:
        raise ImproperlyConfigured("the plotly package is not installed: install requirements.lock")
    return Path(spec.submodule_search_locations[0]) / "package_data"


class PlotlyFinder(BaseFinder):
    """A static files finder that knows one file."""

    def check(self, **kwargs: Any) -> list[Any]:
        """Nothing can be misconfigured."""
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """The script's absolute path, or an empty list for any other name (Django's finder contract)."""
        if path != f"{FOLDER}/{FILE}":
            return []
        found = str(package_data() / FILE)
        return [found] if find_all else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        """The one file, for collectstatic."""
        storage = FileSystemStorage(location=package_data())
        storage.prefix = FOLDER  # type: ignore[attr-defined]  # collectstatic's own, untyped convention
        yield FILE, storage
