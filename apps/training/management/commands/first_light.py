"""`first_light`: the sample data sets and the first job, as `up` does it at a first start; harmless when done again."""

from django.core.management.base import BaseCommand, CommandError

from apps.aws.services import ensure_local_workspace
from apps.core.errors import Refusal
from apps.training.services import first_light


class Command(BaseCommand):
    """Makes a new console's first page alive."""

    help = "Bring two sample data sets into the local region and train a first model, where that was not done yet."

    def handle(self, *args: object, **options: object) -> None:
        """Do it once in a workspace's life."""
        try:
            first_light(ensure_local_workspace())
        except Refusal as error:
            raise CommandError(error.message) from error
