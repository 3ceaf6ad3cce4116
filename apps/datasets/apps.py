"""Registers the app with Django."""

from django.apps import AppConfig


class DatasetsConfig(AppConfig):
    """The `datasets` app."""

    name = "apps.datasets"
