"""`python -m apps.localregion.keys --home DIR add NAME | list | revoke KEY`: who may use the region.

Each person has a user of iam, who is told by sts and cloudtrail, and keys of it. The region may run: a key counts from
the next request on, and no longer than that.
"""

import argparse
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

from apps.localregion.credentials import ACCESS_KEYS, open_credentials
from apps.localregion.errors import AwsError
from apps.localregion.identity import LOCAL_USER
from apps.localregion.region import Region, open_region
from apps.localregion.services.iam.users import create_access_key, create_user

NAME = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)  # of a user, in iam


def add(region: Region, name: str) -> None:
    """Make a key, and its user if need be; the secret is shown this once."""
    if not NAME.fullmatch(name) or name == LOCAL_USER:
        sys.exit(f"{name!r} cannot be a user's name: up to 64 letters, digits and +=,.@_- and not {LOCAL_USER!r}")
    if region.documents.get("user", name) is None:
        create_user(region, {"UserName": name})
    key = create_access_key(region, {"UserName": name})["AccessKey"]
    print(f"export AWS_ACCESS_KEY_ID={key['AccessKeyId']}")
    print(f"export AWS_SECRET_ACCESS_KEY={key['SecretAccessKey']}")
    print(f"export AWS_DEFAULT_REGION={region.name}")


def show(region: Region) -> None:
    """A line a key: its id, its user, whether it counts, since when."""
    first = open_credentials(region.home, region.name, region.account, region.documents).first
    print(f"{first.access_key}  {LOCAL_USER}  Active  (the first key, in {region.home / 'credentials'})")
    for body in region.documents.all(ACCESS_KEYS):
        made = datetime.fromtimestamp(body["CreationTime"], UTC).strftime("%Y-%m-%d %H:%M")
        print(f"{body['AccessKeyId']}  {body['UserName']}  {body['Status']}  {made}")


def revoke(region: Region, key: str) -> None:
    """Remove a key; the user stays, as what was done by it stays."""
    if not region.documents.delete(ACCESS_KEYS, key):
        path = region.home / "credentials"
        sys.exit(f"there is no key {key} to revoke (the first key goes when the region is stopped and {path} removed)")
    print(f"revoked: {key}")


def main() -> None:
    """Do what the arguments ask."""
    parser = argparse.ArgumentParser(prog="python -m apps.localregion.keys", description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="the region's folder")
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("add").add_argument("name")
    actions.add_parser("list")
    actions.add_parser("revoke").add_argument("key")
    given = parser.parse_args()
    if not (given.home / "credentials").is_file():
        sys.exit(f"{given.home} is not a region's folder: start the region once")
    try:
        region = open_region(given.home.absolute())
        if given.action == "add":
            add(region, given.name)
        elif given.action == "list":
            show(region)
        else:
            revoke(region, given.key)
    except (AwsError, RuntimeError, ValueError) as error:
        sys.exit(getattr(error, "message", str(error)))


if __name__ == "__main__":
    main()
