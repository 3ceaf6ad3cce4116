"""`region_status`: a link to the local region's status page, from wherever one is."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from apps.aws.region_programs import absolute, become


class Command(BaseCommand):
    """Becomes the region's own program."""

    help = "Print a link to the region's status page that is good for a day; at the machine itself none is needed."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Which region."""
        parser.add_argument("--address", default=settings.REGION_URL, help="how it is reached: https://gpu-box:8001")
        parser.add_argument("--home", default=str(settings.REGION_HOME), help="the region's folder")

    def handle(self, *args: Any, address: str, home: str, **options: Any) -> None:
        """Hand the arguments on."""
        become(".status_links", "--home", absolute(home), "--address", address)
