"""`region_fsck`: finds and reports what is damaged in the local region's store."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from apps.aws.region_programs import absolute, become


class Command(BaseCommand):
    """Becomes the region's own check, of whose code the console imports nothing; exits with 1 for damage."""

    help = "Find what is damaged in the local region's store; it may run at the same time."

    def add_arguments(self, parser: CommandParser) -> None:
        """The switch, and which region."""
        parser.add_argument("--collect", action="store_true", help="remove blobs that nothing names (region stopped)")
        parser.add_argument("--home", default=str(settings.REGION_HOME), help="the region's folder")

    def handle(self, *args: object, collect: bool, home: str, **options: object) -> None:
        """Replace this process."""
        become(".fsck", "--home", absolute(home), *(["--collect"] if collect else []))
