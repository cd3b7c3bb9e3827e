"""The process of a training: whose it is beyond doubt, and signals to it."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from mods.jobs.job import Job


def began(pid: int) -> int | None:
    """When a process began, in clock ticks since the boot: with it a pid is nobody else's.

    None where there is no such process, or no /proc.
    """
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    return None


def send(job: Job, number: int) -> None:
    """Signal the process group of a training, if it is certain whose it is, and we may."""
    if job.pid is None or job.ticks is None or began(job.pid) != job.ticks:
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):  # it sees the wish by itself
        os.killpg(job.pid, number)
