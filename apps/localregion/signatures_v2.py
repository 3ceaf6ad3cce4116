"""Presigned URLs of AWS Signature Version 2: what boto3 still makes for S3 in us-east-1 unless told otherwise.

https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html
"""

import hmac
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import HmacV1QueryAuth
from botocore.compat import HTTPHeaders
from botocore.credentials import ReadOnlyCredentials

from apps.localregion.credentials import AccessKey
from apps.localregion.request import Request
from apps.localregion.signatures import Reason, Refused, check_expiry, require_key

PARAMETERS = ("AWSAccessKeyId", "Signature", "Expires")


def is_signed(request: Request) -> bool:
    """Whether the query is of a URL presigned in version 2."""
    return all(name in request.args for name in PARAMETERS)


def check(request: Request, find: Callable[[str], AccessKey | None], now: datetime) -> AccessKey:
    """The key that signed the URL, which has not expired; raises Refused."""
    access_key, signature, expires = (request.args[name] for name in PARAMETERS)
    key = require_key(request, find(access_key), access_key)
    signer = _Recomputed(ReadOnlyCredentials(key.access_key, key.secret_key, None), expires)
    resource = urlsplit(f"http://region{request.raw_path}?{request.query}")
    computed = signer.get_signature(request.method, resource, _signed_headers(request))
    if not hmac.compare_digest(computed.encode(), signature.encode()):
        raise Refused(Reason.MISMATCH)
    if not expires.isdecimal() or int(expires) < now.timestamp():
        raise Refused(Reason.EXPIRED)
    check_expiry(key, now)
    return key


class _Recomputed(HmacV1QueryAuth):
    """botocore's signer, with the expiry that the client signed in place of one counted from now."""

    def __init__(self, credentials: ReadOnlyCredentials, expires: str) -> None:
        super().__init__(credentials)
        self._expires_at = expires

    def _get_date(self) -> str:
        return self._expires_at


def _signed_headers(request: Request) -> Any:  # an HTTPHeaders, which botocore types as a Mapping
    """The headers under the signature, which a client may also have put into the query."""
    headers = HTTPHeaders()
    for name, value in (*request.args.items(multi=True), *request.headers):
        if name.lower().startswith("x-amz-") or name.lower() in ("content-type", "content-md5"):
            headers.add_header(name, value)
    return headers
