"""`add_workspace SLUG --region R`: point the console at an AWS account and region."""

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.aws.models import Workspace
from apps.aws.services import add_workspace
from apps.core.errors import InvalidInput


class Command(BaseCommand):
    """Adds a workspace."""

    help = (
        "Add a workspace: credentials come from boto3's default chain, a profile, or a role assumed with the chain's."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """As the README's table has them."""
        parser.add_argument("slug", help="its name in addresses, e.g. team-eu")
        parser.add_argument("--region", required=True, help="e.g. eu-west-1")
        parser.add_argument("--endpoint-url", default="", help="for a region that is not AWS's own")
        who = parser.add_mutually_exclusive_group()
        who.add_argument("--profile", default="", help="a profile of ~/.aws/config")
        who.add_argument("--role-arn", default="", help="a role to assume")
        parser.add_argument(
            "--execution-role-arn", default="", help="what jobs run as; default: role mlconsole-execution"
        )
        parser.add_argument("--bucket", default="", help="default: sagemaker-<region>-<account>")
        parser.add_argument("--production", action="store_true", help="shown in red on every page")

    def handle(self, *args: object, slug: str, region: str, **options: str) -> None:
        """Check and save it."""
        names = ("endpoint_url", "profile", "role_arn", "execution_role_arn", "bucket", "production")
        chosen = {name: options[name] for name in names}
        try:
            workspace = add_workspace(Workspace(slug=slug, name=slug, region=region, **chosen))
        except InvalidInput as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"added: /w/{workspace.slug}/")
