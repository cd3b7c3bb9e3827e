"""`mods` whose predictions die, or take long, when the batch size says so. Run as a program.

A worker imports the program that began the server, and with it this.
"""

from __future__ import annotations

import os
import signal
import sys
import time

from mods.flows import predict as flow

DEATHS = {
    666_001: lambda: os.kill(os.getpid(), signal.SIGKILL),
    666_002: lambda: os.kill(os.getpid(), signal.SIGSEGV),
    666_003: lambda: os._exit(3),
    666_004: lambda: sys.exit(4),
    666_060: lambda: time.sleep(60),
    666_005: lambda: time.sleep(0.5),
}
real = flow.predict


def deadly(request, *args, **more):
    DEATHS.get(request.batch_size, lambda: None)()
    return real(request, *args, **more)


flow.predict = deadly

if __name__ == "__main__":
    from mods.cli import main

    sys.exit(main())
