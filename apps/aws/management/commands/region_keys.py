"""`region_keys add NAME | list | revoke KEY`: who may use the local region."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from apps.aws.region_programs import absolute, become


class Command(BaseCommand):
    """Becomes the region's own program."""

    help = "Make an access key of the local region for a person, list all, or revoke one; it counts at once."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """What to do, and with what."""
        parser.add_argument("action", choices=("add", "list", "revoke"))
        parser.add_argument("what", nargs="?", help="the user's name, or the key's id")
        parser.add_argument("--home", default=str(settings.REGION_HOME), help="the region's folder")

    def handle(self, *args: Any, action: str, what: str | None, home: str, **options: Any) -> None:
        """Hand the arguments on."""
        become(".keys", "--home", absolute(home), action, *([what] if what else []))
