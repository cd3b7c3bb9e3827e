"""What a server and its workers hold at a moment: memory, descriptors, threads, files."""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.servers import Server, private_mib


@dataclass(frozen=True)
class Held:
    """Of one process: private MiB (what it alone has), open descriptors, threads."""

    private: float
    descriptors: int
    threads: int


@dataclass(frozen=True)
class Sample:
    """One moment: seconds since the begin, what each process holds, files and KiB on disk.

    resting:  nobody waited for an answer, so that what is held is not what an answer is made of
    """

    seconds: float
    processes: dict[str, Held]
    temporary: int
    jobs: float
    resting: bool = False


class Sampler:
    """Looks at one server; workers keep their numbers, and one that is gone is counted."""

    def __init__(self, server: Server, base: Path, temporary: Path) -> None:
        self.server, self.temporary = server, temporary
        self._jobs = base / "checkpoints" / "jobs"
        self.replaced = 0
        self._began = time.monotonic()
        self._workers = workers(server)

    def sample(self, resting: bool = False) -> Sample:
        """The state now."""
        now = workers(self.server)
        if now != self._workers:
            self.replaced += len(set(self._workers) - set(now))
            self._workers = now
        named = {"server": self.server.process}
        named |= {f"worker {number}": pid for number, pid in enumerate(now, 1)}
        held = {name: found for name, pid in named.items() if (found := _held(pid))}
        seconds = time.monotonic() - self._began
        return Sample(seconds, held, len(files(self.temporary)), _kib(self._jobs), resting)


def workers(server: Server) -> list[int]:
    """Those of its children that compute predictions, oldest first."""
    found = []
    for child in server.children():
        try:
            command = Path(f"/proc/{child}/cmdline").read_bytes()
        except OSError:
            continue  # it has ended meanwhile
        if b"spawn_main" in command:
            found.append(child)
    return found


def files(folder: Path) -> list[Path]:
    """All files below a folder, while others come and go."""
    return [Path(place, name) for place, _, names in os.walk(folder) for name in names]


def _kib(folder: Path) -> float:
    total = 0
    for path in files(folder):
        with contextlib.suppress(FileNotFoundError):
            total += path.stat().st_size
    return total / 1024


def _held(pid: int) -> Held | None:
    """None where the process has ended meanwhile."""
    try:
        return Held(
            private_mib(pid),
            len(os.listdir(f"/proc/{pid}/fd")),
            len(os.listdir(f"/proc/{pid}/task")),
        )
    except OSError:
        return None
