"""The README is kept true: its settings, its commands and its addresses are those of the code."""

import re
import shlex
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands, load_command_class

from mlconsole import environment
from tests.stack import CHECKOUT

README = (CHECKOUT / "README.md").read_text()
MAKEFILE = (CHECKOUT / "Makefile").read_text()
TABLE = dict(re.findall(r"^\| `(\w+)` \| (.+?) \|", README, re.MULTILINE))
SHELL = [line for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) for line in block.splitlines()]
DEFAULTS = {
    "MLCONSOLE_HOST": settings.HOST,
    "MLCONSOLE_PORT": settings.PORT,
    "MLCONSOLE_REGION_PORT": settings.REGION_PORT,
    "MLCONSOLE_LOG_LEVEL": settings.LOG_LEVEL,
}


def test_the_table_of_settings_lists_exactly_the_known_ones_in_order() -> None:
    assert tuple(TABLE) == environment.KNOWN


@pytest.mark.parametrize("name", DEFAULTS)
def test_the_table_gives_the_true_default(name: str) -> None:
    assert TABLE[name] == f"`{DEFAULTS[name]}`"


def test_the_table_gives_the_true_default_home() -> None:
    source = Path(settings.BASE_DIR, "mlconsole", "settings.py").read_text()
    assert 'environment.home(BASE_DIR / ".mlconsole")' in source
    assert TABLE["MLCONSOLE_HOME"] == "`.mlconsole`"


def test_the_readme_names_every_secret_that_may_come_from_a_file() -> None:
    assert {f"{name}_FILE" for name in environment.SECRETS} == set(re.findall(r"`(\w+_FILE)`", README))


def test_every_make_target_of_the_readme_exists() -> None:
    targets = {word for line in SHELL for word in re.findall(r"\bmake ([a-z]+)", line)}
    assert targets == {"up", "test", "check", "bench", "soak", "screenshots"}
    for target in targets:
        assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE), target


def test_every_management_command_of_the_readme_takes_its_arguments() -> None:
    found = [re.split(r"manage\.py ", line)[1] for line in SHELL if "manage.py " in line]
    assert len(found) >= 4
    for text in found:
        name, *arguments = shlex.split(re.split(r"[)|]", text)[0])
        command = load_command_class(get_commands()[name], name)
        command.create_parser("manage.py", name).parse_args(arguments)


def test_every_api_address_of_the_readme_exists() -> None:
    from mlconsole.api import api

    paths = api.get_openapi_schema()["paths"]
    named = {name.replace("NAME", "{name}") for name in re.findall(r"training-jobs(?:/NAME(?:/\w+)?)?", README)}
    assert len(named) >= 5
    assert {f"/api/v1/w/{{slug}}/{name}" for name in named} <= set(paths)
