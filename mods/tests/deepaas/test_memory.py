"""What a worker has freed goes back to the system within seconds, busy or not."""

import asyncio
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mods.deepaas import memory
from mods.deepaas.pool import WorkerPool

PATIENCE = 60
IN_PIECES = """
import sys
pieces = [bytearray(5_000) for _ in range(20_000)]
del pieces[:-1]
sys.lies_above_all_that_is_free = pieces
"""


def private(pid):
    """KiB that the process has for itself alone."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))


pytestmark = [
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc"),
    pytest.mark.skipif(memory._trim() is int, reason="this C library cannot"),
]


@pytest.mark.parametrize("busy", [False, True])
def test_worker_holds_no_memory_that_is_free(busy):
    async def story():
        pool = WorkerPool(1)
        try:
            pid = pool._idle[0].process.pid
            await pool.apply(exec, "import sys")
            before = private(pid)
            await pool.apply(exec, IN_PIECES, {})
            deadline = time.monotonic() + PATIENCE
            while (now := private(pid)) > before + 30_000 and time.monotonic() < deadline:
                await (pool.apply(exec, "pass") if busy else asyncio.sleep(0.1))
            return now - before
        finally:
            pool.shutdown()

    assert asyncio.run(story()) < 30_000  # KiB, of 100,000 that were free


SERVER = """
import asyncio, os, sys
from mods.deepaas import memory
from mods.tests.deepaas.test_memory import IN_PIECES, PATIENCE, private

async def story():
    exec(IN_PIECES)
    full = private(os.getpid())
    memory.EVERY = 0.05
    tidying = asyncio.ensure_future(memory.keep_small())
    async with asyncio.timeout(PATIENCE):
        while full - private(os.getpid()) < 50_000:  # KiB, of 100,000
            await asyncio.sleep(0.01)
    tidying.cancel()

asyncio.run(story())
"""


def test_server_holds_no_memory_that_is_free():
    done = subprocess.run(
        [sys.executable, "-c", SERVER], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
