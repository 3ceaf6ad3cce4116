"""`sign_in_link [USER]`: a fresh one-time sign-in link, for a first visit or a forgotten password."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from apps.accounts.services import find_user, make_link
from apps.core.errors import NotFound


class Command(BaseCommand):
    """Makes a one-time sign-in link."""

    help = "Print a one-time sign-in link; opening it asks for a new password. Older unused links stop working."

    def add_arguments(self, parser: CommandParser) -> None:
        """USER is the user's name, admin unless given."""
        parser.add_argument("user", nargs="?", default="admin")

    def handle(self, *args: object, user: str, **options: object) -> None:
        """Make and print it."""
        try:
            token = make_link(find_user(user))
        except NotFound as error:
            raise CommandError(error.message) from error
        path = reverse("accounts:link", args=[token])
        self.stdout.write(f"{settings.CONSOLE_URL}{path}")
