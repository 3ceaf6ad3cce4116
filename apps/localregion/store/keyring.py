"""The keys of kms: what they encrypt, and by which names they are found.

A ciphertext is a byte for its form, the 16 bytes of its key's id, a nonce and what AES-256-GCM makes of the plain
text, with the encryption context as additional data: it opens only with that key and that context.
"""

import base64
import json
import os
import time
import uuid
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from apps.localregion.errors import AwsError
from apps.localregion.identity import ACCOUNT, REGION
from apps.localregion.store.documents import Body, Documents, Exists

KEYS, ALIASES = "kms-key", "kms-alias"
FORM, NONCE = b"\x01", 12
ARN = f"arn:aws:kms:{REGION}:{ACCOUNT}:"
# The keys that AWS makes when a service first needs one.
MANAGED = {
    "alias/aws/s3": "Default key that protects my S3 objects when no other key is defined",
    "alias/aws/sagemaker": "Default key that protects my SageMaker resources when no other key is defined",
    "alias/aws/ebs": "Default key that protects my EBS volumes when no other key is defined",
}

Context = Mapping[str, str]


class Keyring:
    """kms's keys and aliases among the documents of a region."""

    def __init__(self, documents: Documents) -> None:
        self.documents = documents

    def create(self, description: str, policy: str, tags: list[dict[str, str]], manager: str = "CUSTOMER") -> Body:
        """Make a key with new material."""
        identity = str(uuid.uuid4())
        body = {
            "KeyId": identity,
            "Arn": f"{ARN}key/{identity}",
            "CreationTime": time.time(),
            "Status": "Enabled",
            "Description": description,
            "Manager": manager,
            "Policy": policy,
            "Tags": tags,
            "Material": base64.b64encode(AESGCM.generate_key(256)).decode(),
        }
        self.documents.insert(KEYS, identity, body)
        return body

    def find(self, name: str) -> Body:
        """The key of an id, an alias or the ARN of either; raises AwsError NotFoundException."""
        short = name.removeprefix(ARN)
        if short.startswith("alias/"):
            alias = self.documents.get(ALIASES, short)
            body = self.documents.get(KEYS, alias["KeyId"]) if alias else self._managed(short)
            what = f"Alias {ARN}{short}"
        else:
            body = self.documents.get(KEYS, short.removeprefix("key/"))
            what = f"Key '{ARN}key/{short.removeprefix('key/')}'"
        if body is None:
            raise AwsError(
                "NotFoundException", f"{what} is not found." if "Alias" in what else f"{what} does not exist"
            )
        return body

    def usable(self, name: str) -> Body:
        """The same, for a cryptographic operation; raises AwsError also for one that is disabled or about to go."""
        body = self.find(name)
        if body["Status"] == "Disabled":
            raise AwsError("DisabledException", f"{body['Arn']} is disabled.")
        if body["Status"] == "PendingDeletion":
            raise AwsError("KMSInvalidStateException", f"{body['Arn']} is pending deletion.")
        return body

    def encrypt(self, body: Body, plaintext: bytes, context: Context) -> bytes:
        """The ciphertext of some bytes, which names its key."""
        nonce = os.urandom(NONCE)
        sealed = _cipher(body).encrypt(nonce, plaintext, _aad(context))
        return FORM + uuid.UUID(body["KeyId"]).bytes + nonce + sealed

    def decrypt(self, ciphertext: bytes, context: Context) -> tuple[Body, bytes]:
        """The key and the plain bytes; raises AwsError InvalidCiphertextException."""
        if len(ciphertext) < 1 + 16 + NONCE + 16 or ciphertext[:1] != FORM:
            raise AwsError("InvalidCiphertextException", "")
        try:
            body = self.usable(str(uuid.UUID(bytes=ciphertext[1:17])))
        except AwsError as error:
            if error.code == "NotFoundException":
                raise AwsError("InvalidCiphertextException", "") from error
            raise
        nonce, sealed = ciphertext[17 : 17 + NONCE], ciphertext[17 + NONCE :]
        try:
            return body, _cipher(body).decrypt(nonce, sealed, _aad(context))
        except InvalidTag as error:
            raise AwsError("InvalidCiphertextException", "") from error

    def new_sealing(self, name: str, context: Context) -> tuple[dict[str, str], bytes]:
        """A new data key under the named key: how it is kept, and the key itself; raises AwsError."""
        body = self.usable(name)
        key = AESGCM.generate_key(256)
        wrapped = base64.b64encode(self.encrypt(body, key, context)).decode()
        return {"kms": body["Arn"], "wrapped": wrapped, "context": json.dumps(dict(context))}, key

    def opened(self, sealing: Mapping[str, str]) -> bytes:
        """The data key that `new_sealing` made; raises AwsError when its kms key cannot be used any more."""
        return self.decrypt(base64.b64decode(sealing["wrapped"]), json.loads(sealing["context"]))[1]

    def _managed(self, alias: str) -> Body | None:
        """The key behind one of AWS's own aliases, made at its first use."""
        if alias not in MANAGED:
            return None
        made = self.create(MANAGED[alias], "", [], manager="AWS")
        try:
            self.documents.insert(ALIASES, alias, {"AliasName": alias, "KeyId": made["KeyId"]} | _now())
        except Exists:  # somebody else was faster
            self.documents.delete(KEYS, made["KeyId"])
            return self.find(alias)
        return made


def _now() -> dict[str, Any]:
    return {"CreationTime": time.time(), "LastModifiedTime": time.time()}


def _cipher(body: Body) -> AESGCM:
    return AESGCM(base64.b64decode(body["Material"]))


def _aad(context: Context) -> bytes:
    return json.dumps(dict(sorted(context.items()))).encode()
