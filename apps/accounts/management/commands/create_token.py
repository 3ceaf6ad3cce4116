"""`create_token USER`: a token for the REST API, alone on the last line."""

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.accounts.services import find_user, make_token
from apps.core.errors import NotFound


class Command(BaseCommand):
    """Makes an API token."""

    help = "Make a token for the REST API and print it, alone on the last line; it is shown only this once."

    def add_arguments(self, parser: CommandParser) -> None:
        """USER is the user's name."""
        parser.add_argument("user")

    def handle(self, *args: object, user: str, **options: object) -> None:
        """Make and print it."""
        try:
            self.stdout.write(make_token(find_user(user)))
        except NotFound as error:
            raise CommandError(error.message) from error
