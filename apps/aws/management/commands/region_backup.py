"""`region_backup FOLDER`: a copy of all of the local region's state, while it runs."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from apps.aws.region_programs import absolute, become


class Command(BaseCommand):
    """Becomes the region's own program."""

    help = "Copy all of the local region's state, also while it runs; the copy can be served by `region --home FOLDER`."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """From where to where."""
        parser.add_argument("folder", help="a folder that is not there yet")
        parser.add_argument("--home", default=str(settings.REGION_HOME), help="the region's folder")

    def handle(self, *args: Any, folder: str, home: str, **options: Any) -> None:
        """Hand the arguments on."""
        become(".backup", "--home", absolute(home), "--to", absolute(folder))
