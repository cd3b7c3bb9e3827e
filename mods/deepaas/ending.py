"""The end of a server, in time: whoever asks it to end kills it after ten seconds.

Its answers are out long before. What may be left is a thread that nobody can end (one that waits
for a training to go, for a lock on the book, for a disk), and Python, which takes itself apart: for
half a second, or on a machine that is busy, for several.
"""

from __future__ import annotations

import atexit
import logging
import os
import sys
import threading

log = logging.getLogger(__name__)
LATEST = 8.5  # seconds from the signal on


def in_time(latest: float = LATEST) -> None:
    """End the process at once when its work is done, and so many seconds from now in any case."""
    atexit.register(_leave)
    timer = threading.Timer(latest, _give_up)
    timer.daemon = True
    timer.start()


def _give_up() -> None:
    names = sorted(one.name for one in threading.enumerate() if not one.daemon)
    log.warning("ended without waiting for %s", ", ".join(names))
    _leave()


def _leave() -> None:
    try:
        logging.shutdown()
        sys.stdout.flush()
    finally:  # also where nobody reads its output any more
        os._exit(0)
