"""`python -m apps.localregion --home DIR --port 8001`: serves the local region."""

import argparse
import ipaddress
import logging
from pathlib import Path

import uvicorn

from apps.localregion.server import Application

KEEP_ALIVE_SECONDS = 75  # longer than clients pool a connection, so that it is they who close it
SHUTDOWN_SECONDS = 5


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m apps.localregion", description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="the folder that holds all of the region's state")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
    parser.add_argument("--tls-cert", type=Path, help="the server's certificate with its chain, PEM")
    parser.add_argument("--tls-key", type=Path, help="its private key, PEM")
    parser.add_argument("--insecure-http", action="store_true", help="without TLS although others can reach it")
    parser.add_argument("--log-level", default="INFO", choices=("DEBUG", "INFO", "WARNING", "ERROR"))
    given = parser.parse_args()
    _check_transport(parser, given)
    logging.basicConfig(level=given.log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("botocore").setLevel(logging.WARNING)  # at DEBUG it logs what it signs
    uvicorn.run(
        Application(given.home.absolute()),
        host=given.host,
        port=given.port,
        ssl_certfile=given.tls_cert,
        ssl_keyfile=given.tls_key,
        http="h11",
        loop="asyncio",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )


def _check_transport(parser: argparse.ArgumentParser, given: argparse.Namespace) -> None:
    """Refuse, by name, to serve others in the clear unless that is asked for."""
    if bool(given.tls_cert) is not bool(given.tls_key):
        parser.error("--tls-cert and --tls-key go together")
    for path in (given.tls_cert, given.tls_key):
        if path is not None and not path.is_file():
            parser.error(f"there is no file {path}")
    if given.tls_cert and given.insecure_http:
        parser.error("--insecure-http and --tls-cert exclude each other")
    if not (_is_loopback(given.host) or given.tls_cert or given.insecure_http):
        parser.error(
            f"--host {given.host} can be reached by others: give --tls-cert and --tls-key, or --insecure-http where "
            "the network itself is trusted (requests are signed, but data could be read)"
        )


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


if __name__ == "__main__":
    main()
