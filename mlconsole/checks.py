"""Checks of settings that are right alone and wrong together; `up` runs them before anything else."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

OWN_MACHINE = ("127.0.0.1", "localhost", "::1")
TAG = "mlconsole"


@register(TAG)
def two_ports(**_: Any) -> list[CheckMessage]:
    """The console and the local region each need a port."""
    if settings.PORT != settings.REGION_PORT:
        return []
    told = f"MLCONSOLE_PORT and MLCONSOLE_REGION_PORT are both {settings.PORT}; set one of them to another port"
    return [Error(told, id="mlconsole.E001")]


@register(TAG, Tags.security)
def hosts_are_named(**_: Any) -> list[CheckMessage]:
    """A console that listens on the network needs to know the names by which it is reached."""
    if settings.HOST in OWN_MACHINE or set(settings.ALLOWED_HOSTS) - {*OWN_MACHINE, "[::1]", settings.HOST}:
        return []
    told = f"MLCONSOLE_HOST is {settings.HOST}; set MLCONSOLE_PUBLIC_URL to the address it is reached by"
    return [Warning(told, id="mlconsole.W001")]
