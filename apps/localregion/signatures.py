"""AWS Signature Version 4, checked: header and presigned query, by botocore's own signing code.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any
from urllib.parse import quote, unquote

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.compat import HTTPHeaders
from botocore.credentials import ReadOnlyCredentials

from apps.localregion.credentials import AccessKey
from apps.localregion.request import Request

ALGORITHM = "AWS4-HMAC-SHA256"
TIME_FORMAT = "%Y%m%dT%H%M%SZ"
SKEW = timedelta(minutes=15)
LONGEST_EXPIRY = 7 * 24 * 3600  # seconds, of a presigned URL
UNSIGNED = "UNSIGNED-PAYLOAD"
FIELD = re.compile(r"(Credential|SignedHeaders|Signature)=([^,\s]+)")


class Reason(StrEnum):
    """Why a request is refused; `refusals.py` has AWS's words for each."""

    MISSING = "missing"
    INCOMPLETE = "incomplete"
    UNKNOWN_KEY = "unknown key"
    WRONG_REGION = "wrong region"
    TOKEN = "token"  # noqa: S105 - a reason, not a secret
    TOKEN_EXPIRED = "token expired"  # noqa: S105 - a reason, not a secret
    NOT_SIGNED = "header not signed"
    SKEWED = "skewed"
    EXPIRED = "expired"
    MISMATCH = "mismatch"
    PAYLOAD = "payload"


class Refused(Exception):
    """A request whose signature does not hold."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True)
class Claim:
    """What a request says about its signature."""

    access_key: str
    region: str
    service: str
    signed_headers: Sequence[str]
    signature: str
    timestamp: str  # as signed, in TIME_FORMAT
    moment: datetime  # the same
    presigned: bool = False
    expires: int = 0  # seconds


def read_claim(request: Request) -> Claim:
    """The claim in the Authorization header or the presigned query; raises Refused."""
    if "X-Amz-Credential" in request.args or "X-Amz-Signature" in request.args:
        return _read_query(request)
    header = request.headers.get("authorization", "")
    if not header:
        raise Refused(Reason.MISSING)
    fields = dict(FIELD.findall(header))
    if not header.startswith(ALGORITHM) or len(fields) != 3:
        raise Refused(Reason.INCOMPLETE, "Authorization header requires Credential, SignedHeaders and Signature.")
    return _claim(fields["Credential"], fields["SignedHeaders"], fields["Signature"], _header_time(request))


def check(
    request: Request, claim: Claim, key: AccessKey | None, region: str, payload_hash: str, now: datetime
) -> AccessKey:
    """The key, if the claim is of it, in time, and signs this request with this payload hash; raises Refused."""
    key = require_key(request, key, claim.access_key)
    if claim.region != region:
        raise Refused(Reason.WRONG_REGION, claim.region)
    _check_headers(request, claim)
    signer = _signer(claim, key)
    signed = _signed_request(request, claim, payload_hash)
    text = signer.string_to_sign(signed, signer.canonical_request(signed))
    if not hmac.compare_digest(signer.signature(text, signed).encode(), claim.signature.encode()):
        raise Refused(Reason.MISMATCH)
    _check_time(claim, now)
    check_expiry(key, now)
    return key


def require_key(request: Request, key: AccessKey | None, claimed: str) -> AccessKey:
    """The key, with which its session token must come; raises Refused."""
    token = request.headers.get("x-amz-security-token", "")
    given = token or request.args.get("X-Amz-Security-Token") or request.args.get("x-amz-security-token", "")
    if key is None or (key.token and not given):
        raise Refused(Reason.UNKNOWN_KEY, claimed)
    if not hmac.compare_digest(given.encode(), key.token.encode()):
        raise Refused(Reason.TOKEN)
    return key


def check_expiry(key: AccessKey, now: datetime) -> None:
    """Raise Refused for a temporary key whose time is over."""
    if key.expires is not None and now.timestamp() >= key.expires:
        raise Refused(Reason.TOKEN_EXPIRED)


class _Recomputed(SigV4Auth):
    """botocore's signer, over exactly the headers that the client says it signed and the query as AWS encodes it."""

    def headers_to_sign(self, request: Any) -> Any:
        return request.headers

    def _canonical_query_string_url(self, parts: Any) -> str:
        pairs = (pair.partition("=") for pair in parts.query.split("&") if pair)
        encoded = sorted((_requoted(key), _requoted(value)) for key, _, value in pairs)
        return "&".join(f"{key}={value}" for key, value in encoded if key != "X-Amz-Signature")

    def payload(self, request: Any) -> str:
        payload_hash: str = request.context["payload_hash"]
        return payload_hash


class _RecomputedS3(_Recomputed, S3SigV4Auth):
    """The same with S3's rule that the path is signed as it is."""

    def _normalize_url_path(self, path: str) -> str:
        return path


def _signer(claim: Claim, key: AccessKey) -> SigV4Auth:
    kind = _RecomputedS3 if claim.service == "s3" else _Recomputed
    return kind(ReadOnlyCredentials(key.access_key, key.secret_key, None), claim.service, claim.region)


def _signed_request(request: Request, claim: Claim, payload_hash: str) -> AWSRequest:
    headers = HTTPHeaders()
    for name in claim.signed_headers:
        for value in request.headers.getlist(name):
            headers.add_header(name, value)
    query = f"?{request.query}" if request.query else ""
    signed = AWSRequest(method=request.method, url=f"http://region{request.path}{query}")
    signed.headers = headers
    signed.context = {"timestamp": claim.timestamp, "payload_hash": payload_hash}
    return signed


def _requoted(text: str) -> str:
    return quote(unquote(text), safe="-_.~")


def _check_headers(request: Request, claim: Claim) -> None:
    """The host and every x-amz- header must be under the signature, or a thief could change their meaning."""
    names = {name.lower() for name, _ in request.headers if name.lower().startswith("x-amz-")}
    unsigned = sorted({"host", *names} - set(claim.signed_headers))
    if unsigned:
        raise Refused(Reason.NOT_SIGNED, ", ".join(unsigned))


def _check_time(claim: Claim, now: datetime) -> None:
    if claim.presigned:
        if claim.moment > now + SKEW:
            raise Refused(Reason.SKEWED, claim.timestamp)
        if now > claim.moment + timedelta(seconds=claim.expires):
            raise Refused(Reason.EXPIRED)
    elif abs(now - claim.moment) > SKEW:
        raise Refused(Reason.SKEWED, claim.timestamp)


def _read_query(request: Request) -> Claim:
    try:
        names = ("X-Amz-Credential", "X-Amz-SignedHeaders", "X-Amz-Signature", "X-Amz-Date", "X-Amz-Expires")
        credential, signed_headers, signature, timestamp, expires = (request.args[name] for name in names)
        seconds = int(expires)
    except (KeyError, ValueError) as error:
        raise Refused(Reason.INCOMPLETE, "Query-string authentication requires all X-Amz- parameters.") from error
    if request.args.get("X-Amz-Algorithm") != ALGORITHM or not 0 < seconds <= LONGEST_EXPIRY:
        raise Refused(Reason.INCOMPLETE, "X-Amz-Algorithm or X-Amz-Expires is not supported.")
    return _claim(credential, signed_headers, signature, timestamp, presigned=True, expires=seconds)


def _header_time(request: Request) -> str:
    if "x-amz-date" in request.headers:
        return request.headers["x-amz-date"]
    try:
        return parsedate_to_datetime(request.headers["date"]).astimezone(UTC).strftime(TIME_FORMAT)
    except (KeyError, ValueError) as error:
        raise Refused(Reason.INCOMPLETE, "An X-Amz-Date or a Date header is required.") from error


def _claim(
    credential: str, signed_headers: str, signature: str, timestamp: str, presigned: bool = False, expires: int = 0
) -> Claim:
    scope = credential.split("/")
    if len(scope) != 5 or scope[4] != "aws4_request" or scope[1] != timestamp[:8]:
        raise Refused(Reason.INCOMPLETE, f"Credential must have 5 parts and the date of signing, not '{credential}'.")
    names = sorted(name.strip().lower() for name in signed_headers.split(";"))
    try:
        moment = datetime.strptime(timestamp, TIME_FORMAT).replace(tzinfo=UTC)
    except ValueError as error:
        raise Refused(Reason.INCOMPLETE, f"{timestamp} is not a time like 20150830T123600Z.") from error
    access_key, _, region, service, _ = scope
    return Claim(access_key, region, service, names, signature, timestamp, moment, presigned, expires)


class ChunkSigner:
    """Checks the chain of chunk signatures that starts with the request's own."""

    EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"  # SHA-256 of no bytes

    def __init__(self, request: Request, claim: Claim, key: AccessKey) -> None:
        self._signer = _signer(claim, key)
        self._signed = _signed_request(request, claim, "")
        self._last = claim.signature

    def check_chunk(self, digest: str, signature: str) -> None:
        """Raise Refused unless this is the signature of a chunk with this SHA-256."""
        self._check(f"{ALGORITHM}-PAYLOAD", f"{self.EMPTY}\n{digest}", signature)

    def check_trailers(self, digest: str, signature: str) -> None:
        """Raise Refused unless this is the signature of trailing headers with this SHA-256."""
        self._check(f"{ALGORITHM}-TRAILER", digest, signature)

    def _check(self, algorithm: str, digests: str, signature: str) -> None:
        timestamp, scope = self._signed.context["timestamp"], self._signer.credential_scope(self._signed)
        text = f"{algorithm}\n{timestamp}\n{scope}\n{self._last}\n{digests}"
        self._last = self._signer.signature(text, self._signed)
        if not hmac.compare_digest(self._last.encode(), signature.encode()):
            raise Refused(Reason.MISMATCH)
