"""`region_fsck`: finds and reports what is damaged in the local region's store."""

import os
import sys

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    """Becomes the region's own check, of whose code the console imports nothing; exits with 1 for damage."""

    help = "Find what is damaged in the local region's store; it may run at the same time."

    def add_arguments(self, parser: CommandParser) -> None:
        """The one switch."""
        parser.add_argument("--collect", action="store_true", help="remove blobs that nothing names (region stopped)")

    def handle(self, *args: object, collect: bool, **options: object) -> None:
        """Replace this process."""
        command = [sys.executable, "-m", "apps.localregion.fsck", "--home", str(settings.REGION_HOME)]
        os.chdir(settings.BASE_DIR)
        os.execv(sys.executable, [*command, *(["--collect"] if collect else [])])  # noqa: S606 - our own program
