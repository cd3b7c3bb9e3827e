"""Exit code 0 where the service in this container is healthy, 1 where it is not."""

import os
import sys
import urllib.error
import urllib.request

PATIENCE = 15  # seconds; a probe makes a forecast with every model


def answers(path: str) -> bool:
    """Whether a GET of the path is answered with success; raises OSError where it is not."""
    address = f"http://127.0.0.1:{os.environ.get('MODS_PORT', '5000')}{path}"
    with urllib.request.urlopen(address, timeout=PATIENCE) as answer:  # nosec B310 # http alone
        return answer.status < 300


def healthy() -> bool:
    """Ask /healthz of mods serve; the plain server that deep-start runs has only /v2/."""
    try:
        return answers("/healthz")
    except urllib.error.HTTPError as error:
        return error.code == 404 and answers("/v2/")


if __name__ == "__main__":
    try:
        sys.exit(not healthy())
    except OSError as error:
        sys.exit(str(error))
