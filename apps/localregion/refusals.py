"""AWS's own words for a refused signature, by family of protocols.

https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html and the "Common Errors" page of each service.
"""

from apps.localregion.errors import AwsError
from apps.localregion.request import Request
from apps.localregion.signatures import Reason, Refused

MISMATCH = (
    "The request signature we calculated does not match the signature you provided. "
    "Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
)
INVALID_TOKEN = "The security token included in the request is invalid."  # noqa: S105 - a message
EXPIRED_TOKEN = "The security token included in the request is expired"  # noqa: S105 - a message
NOT_SIGNED = "There were headers present in the request which were not signed: {detail}"
SKEWED = "Signature not yet current or expired: {detail} is more than 15 minutes from the current time"
REGION = "Credential should be scoped to a valid region, not '{detail}'."

# reason: (code, message, HTTP status)
JSON = {
    Reason.MISSING: ("MissingAuthenticationTokenException", "Missing Authentication Token", 400),
    Reason.INCOMPLETE: ("IncompleteSignatureException", "{detail}", 400),
    Reason.UNKNOWN_KEY: ("UnrecognizedClientException", INVALID_TOKEN, 400),
    Reason.WRONG_REGION: ("InvalidSignatureException", REGION, 400),
    Reason.TOKEN: ("UnrecognizedClientException", INVALID_TOKEN, 400),
    Reason.TOKEN_EXPIRED: ("ExpiredTokenException", EXPIRED_TOKEN, 400),
    Reason.NOT_SIGNED: ("InvalidSignatureException", NOT_SIGNED, 400),
    Reason.SKEWED: ("InvalidSignatureException", SKEWED, 400),
    Reason.EXPIRED: ("InvalidSignatureException", "Signature expired", 400),
    Reason.MISMATCH: ("InvalidSignatureException", MISMATCH, 400),
    Reason.PAYLOAD: ("InvalidSignatureException", MISMATCH, 400),
}
QUERY = {
    Reason.MISSING: ("MissingAuthenticationToken", "Request is missing Authentication Token", 403),
    Reason.INCOMPLETE: ("IncompleteSignature", "{detail}", 400),
    Reason.UNKNOWN_KEY: ("InvalidClientTokenId", INVALID_TOKEN, 403),
    Reason.WRONG_REGION: ("SignatureDoesNotMatch", REGION, 403),
    Reason.TOKEN: ("InvalidClientTokenId", INVALID_TOKEN, 403),
    Reason.TOKEN_EXPIRED: ("ExpiredToken", EXPIRED_TOKEN, 403),
    Reason.NOT_SIGNED: ("SignatureDoesNotMatch", NOT_SIGNED, 403),
    Reason.SKEWED: ("SignatureDoesNotMatch", SKEWED, 403),
    Reason.EXPIRED: ("SignatureDoesNotMatch", "Signature expired", 403),
    Reason.MISMATCH: ("SignatureDoesNotMatch", MISMATCH, 403),
    Reason.PAYLOAD: ("SignatureDoesNotMatch", MISMATCH, 403),
}
S3 = {
    Reason.MISSING: ("AccessDenied", "Access Denied", 403),
    Reason.INCOMPLETE: ("AuthorizationHeaderMalformed", "The authorization is malformed; {detail}", 400),
    Reason.UNKNOWN_KEY: (
        "InvalidAccessKeyId",
        "The AWS Access Key Id you provided does not exist in our records.",
        403,
    ),
    Reason.WRONG_REGION: (
        "AuthorizationHeaderMalformed",
        "The authorization header is malformed; the region '{detail}' is wrong",
        400,
    ),
    Reason.TOKEN: ("InvalidToken", "The provided token is malformed or otherwise invalid.", 400),
    Reason.TOKEN_EXPIRED: ("ExpiredToken", "The provided token has expired.", 400),
    Reason.NOT_SIGNED: ("AccessDenied", NOT_SIGNED, 403),
    Reason.SKEWED: (
        "RequestTimeTooSkewed",
        "The difference between the request time and the current time is too large.",
        403,
    ),
    Reason.EXPIRED: ("AccessDenied", "Request has expired", 403),
    Reason.MISMATCH: ("SignatureDoesNotMatch", MISMATCH, 403),
    Reason.PAYLOAD: (
        "XAmzContentSHA256Mismatch",
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
        400,
    ),
}
FAMILIES = {"json": JSON, "query": QUERY, "smithy-rpc-v2-cbor": QUERY, "rest-xml": S3}


def refusal(refused: Refused, protocol: str) -> AwsError:
    """The error answer to a refused signature, in the words of the protocol's family."""
    code, message, status = FAMILIES[protocol][refused.reason]
    return AwsError(code, message.format(detail=refused.detail), status)


def guessed_protocol(request: Request) -> str:
    """The protocol that a request seems to speak, before its service is known."""
    if request.headers.get("smithy-protocol") == "rpc-v2-cbor":
        return "smithy-rpc-v2-cbor"
    if "x-amz-target" in request.headers or request.media_type.startswith("application/x-amz-json"):
        return "json"
    if request.media_type == "application/x-www-form-urlencoded" or "Action" in request.args:
        return "query"
    return "rest-xml"
