"""`python -m apps.localregion --home DIR --port 8001`: serves the local region."""

import argparse
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
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--log-level", default="INFO", choices=("DEBUG", "INFO", "WARNING", "ERROR"))
    given = parser.parse_args()
    logging.basicConfig(level=given.log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("botocore").setLevel(logging.WARNING)  # at DEBUG it logs what it signs
    uvicorn.run(
        Application(given.home.absolute()),
        host=given.host,
        port=given.port,
        http="h11",
        loop="asyncio",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )


if __name__ == "__main__":
    main()
