"""`region_env`: the export lines with which any boto3 program or the AWS CLI uses the local region."""

import configparser
import shlex

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    """Prints the local region's address and keys as shell exports."""

    help = 'Print the local region\'s address and keys: eval "$(python manage.py region_env)"'

    def handle(self, *args: object, **options: object) -> None:
        """Read the credentials file that the region wrote."""
        credentials = configparser.ConfigParser(interpolation=None)
        if not credentials.read(settings.REGION_CREDENTIALS_FILE):
            raise CommandError("the local region has no keys yet: start it once by `make up`")
        profile = credentials[settings.LOCAL_PROFILE]
        exports = {
            "AWS_ENDPOINT_URL": settings.REGION_URL,
            "AWS_ACCESS_KEY_ID": profile["aws_access_key_id"],
            "AWS_SECRET_ACCESS_KEY": profile["aws_secret_access_key"],
            "AWS_DEFAULT_REGION": profile["region"],
        }
        for name, value in exports.items():
            self.stdout.write(f"export {name}={shlex.quote(value)}")
