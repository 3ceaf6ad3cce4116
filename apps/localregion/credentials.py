"""The region's access key, in AWS's own credentials file format, made once and kept under its home (0600)."""

import base64
import configparser
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

PROFILE = "mlconsole-local"
KEY_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


@dataclass(frozen=True)
class Credentials:
    """An access key."""

    access_key: str
    secret_key: str


def open_credentials(home: Path, region: str) -> Credentials:
    """The keys in `home/credentials`, generated at the first start; raises ValueError for a damaged file."""
    path = home / "credentials"
    if not path.exists():
        _write(path, region)
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read(path)
        profile = parser[PROFILE]
        return Credentials(profile["aws_access_key_id"], profile["aws_secret_access_key"])
    except (configparser.Error, KeyError) as error:
        message = f"{path} has no whole profile [{PROFILE}]: remove the file, and the region makes new keys"
        raise ValueError(message) from error


def _write(path: Path, region: str) -> None:
    access_key = "AKIA" + "".join(secrets.choice(KEY_ALPHABET) for _ in range(16))
    secret_key = base64.b64encode(secrets.token_bytes(30)).decode()
    parser = configparser.ConfigParser(interpolation=None)
    parser[PROFILE] = {
        "aws_access_key_id": access_key,
        "aws_secret_access_key": secret_key,
        "region": region,
    }
    draft = path.with_name(f"credentials.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        parser.write(file)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)  # exclusive: of two first starts at once, one pair of keys wins
    except FileExistsError:
        pass
    finally:
        draft.unlink()
