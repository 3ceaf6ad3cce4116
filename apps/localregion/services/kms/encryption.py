"""kms's cryptography: AES-256-GCM with the encryption context as additional data."""

import os
from typing import Any

from apps.localregion.errors import AwsError
from apps.localregion.region import Region
from apps.localregion.services.kms.keys import SPEC, collect_keys

DATA_KEYS = {"AES_256": 32, "AES_128": 16}  # bytes
NO_CIPHERTEXT = (
    "1 validation error detected: Value null at 'ciphertextBlob' failed to satisfy constraint: Member must not be null"
)


def encrypt(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """The ciphertext of at most 4,096 bytes, which names its key."""
    _check(request, "EncryptionAlgorithm")
    body = region.objects.keyring.usable(request["KeyId"])
    sealed = region.objects.keyring.encrypt(body, request["Plaintext"], request.get("EncryptionContext", {}))
    return {"CiphertextBlob": sealed, "KeyId": body["Arn"], "EncryptionAlgorithm": SPEC}


def decrypt(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """The plain bytes; raises AwsError unless key and context are those of the encryption."""
    _check(request, "EncryptionAlgorithm")
    context = request.get("EncryptionContext", {})
    key, plaintext = _opened(region, request.get("CiphertextBlob"), context, request.get("KeyId"))
    return {"KeyId": key, "Plaintext": plaintext, "EncryptionAlgorithm": SPEC}


def re_encrypt(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """The same plain bytes under another key or context."""
    _check(request, "SourceEncryptionAlgorithm", "DestinationEncryptionAlgorithm")
    context = request.get("SourceEncryptionContext", {})
    source, plaintext = _opened(region, request.get("CiphertextBlob"), context, request.get("SourceKeyId"))
    body = region.objects.keyring.usable(request["DestinationKeyId"])
    sealed = region.objects.keyring.encrypt(body, plaintext, request.get("DestinationEncryptionContext", {}))
    algorithms = {"SourceEncryptionAlgorithm": SPEC, "DestinationEncryptionAlgorithm": SPEC}
    return {"CiphertextBlob": sealed, "SourceKeyId": source, "KeyId": body["Arn"], **algorithms}


def generate_data_key(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """A new key for data, plain and encrypted."""
    if "Recipient" in request:
        raise AwsError("UnsupportedOperationException", "Recipient is not done by this region.")
    if ("KeySpec" in request) is ("NumberOfBytes" in request):
        raise AwsError("ValidationException", "Please specify either number of bytes or key spec.")
    plaintext = os.urandom(request.get("NumberOfBytes") or DATA_KEYS[request["KeySpec"]])
    sealed = encrypt(region, {**request, "Plaintext": plaintext})
    return {"CiphertextBlob": sealed["CiphertextBlob"], "Plaintext": plaintext, "KeyId": sealed["KeyId"]}


def generate_data_key_without_plaintext(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """A new key for data, encrypted only."""
    return {name: value for name, value in generate_data_key(region, request).items() if name != "Plaintext"}


def generate_random(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Random bytes."""
    if "CustomKeyStoreId" in request or "Recipient" in request:
        raise AwsError("UnsupportedOperationException", "Custom key stores and recipients are not done by this region.")
    if "NumberOfBytes" not in request:
        raise AwsError("ValidationException", "NumberOfBytes is required")
    return {"Plaintext": os.urandom(request["NumberOfBytes"])}


def _opened(
    region: Region, ciphertext: bytes | None, context: dict[str, str], expected: str | None
) -> tuple[str, bytes]:
    """The ARN of the key, which must be the expected one if there is one, and the plain bytes."""
    if ciphertext is None:  # the model lets it be left out for a dry run that ignores it
        raise AwsError("ValidationException", NO_CIPHERTEXT)
    collect_keys(region)
    wanted = region.objects.keyring.usable(expected)["Arn"] if expected else None
    body, plaintext = region.objects.keyring.decrypt(ciphertext, context)
    if wanted not in (None, body["Arn"]):
        message = "The key ID in the request does not identify a CMK that can perform this operation."
        raise AwsError("IncorrectKeyException", message)
    return body["Arn"], plaintext


def _check(request: dict[str, Any], *members: str) -> None:
    for member in members:
        if request.get(member, SPEC) != SPEC:
            raise AwsError("InvalidKeyUsageException", f"{request[member]} is not for symmetric keys.")
