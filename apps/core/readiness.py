"""Asks a running console how it is, from outside: what `up` waits for. Imports little, as `up` must start fast."""

import http.client
import json

# /healthz itself answers within 2.5 s.
PATIENCE = 3.5


def what_is_sick(host: str, port: int) -> str:
    """What the console at `host`:`port` says is not well, in a line; nothing when all is well."""
    line = http.client.HTTPConnection(host, port, timeout=PATIENCE)
    try:
        line.request("GET", "/healthz")
        answer = line.getresponse()
        if answer.status not in (200, 503):
            return f"web: /healthz answers {answer.status}"
        entries: dict[str, dict[str, str]] = json.load(answer)
    except (OSError, http.client.HTTPException, ValueError) as error:
        return f"web: no answer yet ({error})"
    finally:
        line.close()
    return "; ".join(f"{part}: {entry['reason']}" for part, entry in entries.items() if "reason" in entry)
