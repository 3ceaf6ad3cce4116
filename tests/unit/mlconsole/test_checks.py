"""Checks of settings that are right alone and wrong together."""

from pytest_django import Settings

from mlconsole.checks import hosts_are_named, two_ports


def test_one_port_for_two_servers_is_an_error_by_name(settings: Settings) -> None:
    settings.PORT = settings.REGION_PORT = 8123
    (told,) = two_ports()
    assert told.is_serious()
    assert "MLCONSOLE_PORT and MLCONSOLE_REGION_PORT are both 8123" in told.msg


def test_two_ports_are_right(settings: Settings) -> None:
    settings.PORT, settings.REGION_PORT = 8000, 8001
    assert two_ports() == []


def test_a_console_on_the_network_without_a_name_is_warned_of(settings: Settings) -> None:
    settings.HOST = "192.0.2.1"
    settings.ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", "192.0.2.1"]
    (told,) = hosts_are_named()
    assert "MLCONSOLE_PUBLIC_URL" in told.msg


def test_a_console_on_the_network_with_a_name_is_right(settings: Settings) -> None:
    settings.HOST = "192.0.2.1"
    settings.ALLOWED_HOSTS = ["127.0.0.1", "192.0.2.1", "console.example"]
    assert hosts_are_named() == []
