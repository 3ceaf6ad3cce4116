"""HTTP requests by hand, signed by botocore: what no boto3 client would send."""

from collections.abc import Mapping
from http.client import HTTPConnection
from typing import Any

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials

from tests.region.conftest import RegionProcess

Reply = tuple[int, Mapping[str, str], bytes]


def send(
    region: RegionProcess, method: str, target: str, headers: Mapping[str, str], body: bytes | None = None
) -> Reply:
    """Send a request as it is; `target` is the path and query, percent-encoded."""
    connection = HTTPConnection("127.0.0.1", region.port, timeout=30)
    try:
        connection.request(method, target, body, dict(headers))
        reply = connection.getresponse()
        return reply.status, dict(reply.getheaders()), reply.read()
    finally:
        connection.close()


def signed(
    region: RegionProcess,
    service: str,
    method: str,
    target: str,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    *,
    scope_region: str = "us-east-1",
    payload_hash: str | None = None,
) -> dict[str, str]:
    """The headers of a signed request, the given ones among them; `payload_hash` in place of the body's own."""
    request = AWSRequest(method, region.url + target, {"host": f"127.0.0.1:{region.port}", **(headers or {})}, body)
    signer = _S3Signer if service == "s3" else SigV4Auth
    made: Any = signer(ReadOnlyCredentials(*region.keys(), None), service, scope_region)
    request.context["payload_hash"] = payload_hash
    made.add_auth(request)
    return dict(request.headers.items())


class _S3Signer(S3SigV4Auth):
    def payload(self, request: Any) -> str:
        return request.context["payload_hash"] or str(super().payload(request))
