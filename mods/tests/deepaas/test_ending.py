"""A process ends in time, and well, also where a thread of it would not."""

import os
import subprocess
import sys
import time


def ended(program):
    """What became of a program that is run as a process, its output buffered as it usually is."""
    return subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONUNBUFFERED": ""},
        check=False,
        capture_output=True,
        text=True,
        timeout=90,
    )


STUCK = """
import logging, threading, time
from mods.deepaas import ending
logging.basicConfig()
threading.Thread(target=time.sleep, args=(60,), name="stuck").start()
ending.in_time(0.2)
print("answered", flush=True)
"""


def test_thread_that_nobody_can_end_does_not_keep_the_process():
    began = time.monotonic()
    done = ended(STUCK)
    assert (done.returncode, done.stdout) == (0, "answered\n")
    assert "ended without waiting for" in done.stderr and "stuck" in done.stderr
    assert time.monotonic() - began < 30


def test_process_whose_output_nobody_reads_ends_all_the_same():
    program = STUCK.replace("flush=True", "flush=False") + "import os; os.close(1)"
    began = time.monotonic()
    assert ended(program).returncode == 0
    assert time.monotonic() - began < 30


def test_process_that_has_ended_before_does_not_wait_for_it():
    quick = STUCK.replace("args=(60,)", "args=(0,)").replace("0.2", "50")
    began = time.monotonic()
    done = ended(quick)
    assert (done.returncode, done.stderr) == (0, "")
    assert time.monotonic() - began < 40


def test_process_whose_work_is_done_does_not_take_itself_apart_and_loses_no_word():
    slow = STUCK.replace("args=(60,)", "args=(0,)").replace("0.2", "50")
    slow += """
class Slow:
    def __del__(self):
        import os
        os.write(1, b"taken apart")

kept = Slow()
print("last", end="")
"""
    done = ended(slow)
    assert (done.returncode, done.stdout) == (0, "answered\nlast")
