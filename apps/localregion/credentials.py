"""Who may sign requests: the region's first key, users' access keys and the temporary keys of sessions.

The first key is in AWS's own credentials file format, made once and kept under the region's home (0600). The others
are documents: `access-key` (iam's CreateAccessKey) and `session` (sts), each named by its access key id.
"""

import base64
import configparser
import os
import secrets
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from apps.localregion.identity import Identity, local_user
from apps.localregion.store.documents import Documents

PROFILE = "mlconsole-local"
KEY_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
ACCESS_KEYS = "access-key"
SESSIONS = "session"


@dataclass(frozen=True)
class AccessKey:
    """A key that may sign; a temporary one has a session token and a time when it expires (unix seconds)."""

    access_key: str
    secret_key: str
    identity: Identity
    token: str = ""
    expires: float | None = None


class Credentials:
    """Every key of the region; a key that is removed or made inactive is refused from the next request on."""

    def __init__(self, first: AccessKey, documents: Documents) -> None:
        self.first, self._documents = first, documents

    def find(self, access_key: str) -> AccessKey | None:
        """The active key of this id, or None."""
        if access_key == self.first.access_key:
            return self.first
        if access_key.startswith("ASIA"):
            return self._session(access_key)
        body = self._documents.get(ACCESS_KEYS, access_key)
        if body is None or body["Status"] != "Active":
            return None
        user = self._documents.get("user", body["UserName"])
        if user is None:
            return None
        identity = Identity(user["Arn"], user["Id"], user["UserName"], access_key)
        return AccessKey(access_key, body["SecretAccessKey"], identity)

    def _session(self, access_key: str) -> AccessKey | None:
        body = self._documents.get(SESSIONS, access_key)
        if body is None:
            return None
        identity = Identity(body["Arn"], body["UserId"], body["UserName"], access_key)
        return AccessKey(access_key, body["SecretAccessKey"], identity, body["SessionToken"], body["Expires"])


def new_key_id(prefix: str) -> str:
    """A new access key id: AKIA for a user's, ASIA for a temporary one."""
    return prefix + "".join(secrets.choice(KEY_ALPHABET) for _ in range(16))


def new_secret() -> str:
    """A new secret access key: 40 characters, as AWS's."""
    return base64.b64encode(secrets.token_bytes(30)).decode()


def keep_session(documents: Documents, identity: Identity, seconds: int) -> AccessKey:
    """Make and keep a temporary key for `identity`; those that expired more than a day ago go."""
    now = time.time()
    for body in documents.all(SESSIONS):
        if body["Expires"] < now - 24 * 3600:
            documents.delete(SESSIONS, body["AccessKeyId"])
    access_key = new_key_id("ASIA")
    key = AccessKey(
        access_key,
        new_secret(),
        replace(identity, access_key=access_key),
        base64.b64encode(secrets.token_bytes(180)).decode(),
        now + seconds,
    )
    body = {
        "AccessKeyId": key.access_key,
        "SecretAccessKey": key.secret_key,
        "SessionToken": key.token,
        "Arn": identity.arn,
        "UserId": identity.user_id,
        "UserName": identity.user_name,
        "Expires": key.expires,
    }
    documents.insert(SESSIONS, key.access_key, body)
    return key


def open_credentials(home: Path, region: str, account: str, documents: Documents) -> Credentials:
    """The region's keys, the first of them generated at the first start; raises ValueError for a damaged file."""
    path = home / "credentials"
    if not path.exists():
        _write(path, region)
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read(path)
        profile = parser[PROFILE]
        access_key, secret_key = profile["aws_access_key_id"], profile["aws_secret_access_key"]
    except (configparser.Error, KeyError) as error:
        message = f"{path} has no whole profile [{PROFILE}]: remove the file, and the region makes new keys"
        raise ValueError(message) from error
    identity = replace(local_user(account), access_key=access_key)
    if documents.get("user", identity.user_name) is None:
        documents.insert("user", identity.user_name, _first_user(identity))
    return Credentials(AccessKey(access_key, secret_key, identity), documents)


def _first_user(identity: Identity) -> dict[str, Any]:
    """The user of the first key, who may do everything, as iam keeps it."""
    return {
        "UserName": identity.user_name,
        "Path": "/",
        "Id": identity.user_id,
        "Arn": identity.arn,
        "CreationTime": time.time(),
        "Tags": [],
        "PermissionsBoundary": "",
        "Inline": {},
        "Attached": ["arn:aws:iam::aws:policy/AdministratorAccess"],
    }


def _write(path: Path, region: str) -> None:
    parser = configparser.ConfigParser(interpolation=None)
    parser[PROFILE] = {
        "aws_access_key_id": new_key_id("AKIA"),
        "aws_secret_access_key": new_secret(),
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
