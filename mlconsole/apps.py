"""Registers the wiring with Django: the command `up` and the checks of the settings."""

from django.apps import AppConfig


class MlconsoleConfig(AppConfig):
    """The wiring as an app: it may name every other app, which none of them may do."""

    name = "mlconsole"

    def ready(self) -> None:
        """Register the checks."""
        from mlconsole import checks  # noqa: F401  registers itself with Django's checks
