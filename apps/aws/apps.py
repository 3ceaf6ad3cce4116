"""Registers the app with Django."""

from django.apps import AppConfig


class AwsConfig(AppConfig):
    """The `aws` app."""

    name = "apps.aws"
