"""`python -m apps.localregion.status_links --home DIR --address URL`: a link to the status page, for a day.

The page is open to whoever sits at the machine itself. From elsewhere it takes such a link, which is signed with an
access key: it dies with the key, and shows nothing of it.
"""

import argparse
import hashlib
import hmac
import ipaddress
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

from apps.localregion.credentials import AccessKey, open_credentials
from apps.localregion.region import open_region
from apps.localregion.request import Request

PATH = "/_status"
LIFETIME = 24 * 3600  # seconds
LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]")
FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


def make_link(address: str, key: AccessKey, now: float) -> str:
    """The page's address with the signature of the key."""
    until = str(int(now) + LIFETIME)
    query = {"key": key.access_key, "until": until, "signature": _signature(key, until)}
    return f"{address.rstrip('/')}{PATH}?{urlencode(query)}"


def may_see(request: Request, find: Callable[[str], AccessKey | None], now: float) -> bool:
    """Whether the request comes from this machine itself, not through a proxy, or by a link that holds."""
    if _is_local(request):
        return True
    key = find(request.args.get("key", ""))
    until = request.args.get("until", "")
    if key is None or not (until.isascii() and until.isdecimal() and now < int(until[:12]) <= now + LIFETIME):
        return False
    return hmac.compare_digest(_signature(key, until).encode(), request.args.get("signature", "").encode())


def _is_local(request: Request) -> bool:
    # The name too, or a web page could have its own name lead here and read the answer in a browser on this machine.
    try:
        local = ipaddress.ip_address(request.client).is_loopback
    except ValueError:
        return False
    return local and request.host in LOCAL_NAMES and not any(name in request.headers for name in FORWARDED)


def _signature(key: AccessKey, until: str) -> str:
    return hmac.new(key.secret_key.encode(), f"{PATH} {until}".encode(), hashlib.sha256).hexdigest()


def main() -> None:
    """Print a link."""
    parser = argparse.ArgumentParser(prog="python -m apps.localregion.status_links", description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="the region's folder")
    parser.add_argument("--address", required=True, help="how the region is reached, e.g. https://gpu-box:8001")
    given = parser.parse_args()
    if not (given.home / "credentials").is_file():
        sys.exit(f"{given.home} is not a region's folder: start the region once")
    region = open_region(given.home.absolute())
    credentials = open_credentials(region.home, region.name, region.account, region.documents)
    print(make_link(given.address, credentials.first, time.time()))


if __name__ == "__main__":
    main()
