"""A soak: server, clients, samples, and what is left in the end."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks import servers
from benchmarks.servers import Server
from benchmarks.soak import questions, verdict
from benchmarks.soak.clients import Breaks, Client, Tally, keep_asking, keep_training, trained
from benchmarks.soak.samples import Sample, Sampler, files
from mods.deepaas.trainings import NEWEST
from mods.jobs.book import Book

CLIENTS = 3
WARM = 1 / 3  # of the time
EVERY = 5.0  # seconds from sample to sample, less in a short run
REST = 1.2  # seconds of a break, in which workers give freed memory back
WORK = 4  # samples from break to break
LONG = 10.0  # minutes of a run in which all stores are filled first
PATIENCE = 120
DAYS = 9


@dataclass(frozen=True)
class Outcome:
    """What was seen; `warm` in seconds, `left` names the files that should not be there."""

    samples: list[Sample]
    tally: Tally
    warm: float
    left: list[str]
    replaced: int
    clients: int = CLIENTS

    def faults(self) -> list[str]:
        """All that is not as it should be, in words; empty where all is well."""
        found = verdict.faults(self.samples, self.warm)
        found += [f"{times} times {what}" for what, times in sorted(self.tally.wrong.items())]
        found += [f"{name} was left" for name in self.left]
        ended = set(self.tally.trainings) - {"done", "cancelled"}
        found += [f"{self.tally.trainings[how]} trainings {how}" for how in sorted(ended)]
        return found + ([f"{self.replaced} workers were replaced"] if self.replaced else [])


def soak(folder: Path, minutes: float) -> Outcome:
    """Let a server with two workers run so long in this folder, and look at it."""
    base, temporary = folder / "base", folder / "temporary"
    for place in (base, temporary):
        place.mkdir()
    servers.furnish(base, DAYS)
    options = ("--timeout", "600")
    with servers.mods(base, 2, *options, temporary=temporary) as server:
        tally, sampler = Tally(), Sampler(server, base, temporary)
        samples: list[Sample] = []
        breaks, seconds = Breaks(), minutes * 60
        if minutes >= LONG:
            _fill(Book(base / "checkpoints" / "jobs"), Client(server, tally))
        with _clients(server, tally, breaks, minutes >= LONG):
            for number, pause in enumerate(_moments(seconds), 1):
                time.sleep(pause)
                samples.append(sampler.sample())
                if number % WORK == 0:
                    with breaks.rest(REST):
                        samples.append(sampler.sample(resting=True))
        left = _left(base, temporary)
    return Outcome(samples, tally, seconds * WARM, left, sampler.replaced)


def _fill(book: Book, client: Client) -> None:
    """As many ended trainings as the list of them shows: its answer grows no more."""
    done = trained(client)
    with book.writing() as db:
        names = [str(row["name"]) for row in db.execute("PRAGMA table_info(jobs)")]
        told = ", ".join("lower(hex(randomblob(16)))" if name == "id" else name for name in names)
        for _ in range(NEWEST):
            db.execute(f"INSERT INTO jobs SELECT {told} FROM jobs WHERE id = ?", (done,))  # noqa: S608 - our own columns


def _moments(seconds: float) -> Iterator[float]:
    """Pauses until the time is over."""
    end, pause = time.monotonic() + seconds, min(EVERY, seconds / 60)
    while time.monotonic() < end:
        yield pause


@contextlib.contextmanager
def _clients(server: Server, tally: Tally, breaks: Breaks, fill: bool) -> Iterator[None]:
    """Clients at work as long as the block; raises what one of them raised."""
    ended, ready = threading.Event(), list[str]()
    with ThreadPoolExecutor(CLIENTS + 2) as threads:
        tasks = [
            threads.submit(
                keep_asking, Client(server, tally, breaks), questions.endless(seed, ready), ended
            )
            for seed in range(CLIENTS)
        ]
        tasks.append(threads.submit(keep_training, Client(server, tally, breaks), ready, ended))
        if fill:
            client = Client(server, tally, breaks)
            tasks.append(threads.submit(keep_asking, client, questions.filling(), ended, 0.0))
        try:
            yield
        finally:
            ended.set()
    for task in tasks:
        task.result()


def _left(base: Path, temporary: Path) -> list[str]:
    """Temporary files and drafts that are still there when all is answered."""
    deadline = time.monotonic() + PATIENCE
    while (found := _scratch(base, temporary)) and time.monotonic() < deadline:
        time.sleep(1)
    return found


def _scratch(base: Path, temporary: Path) -> list[str]:
    drafts = [path for path in files(base) if path.name.startswith((".mods", "tmp"))]
    drafts += [path for path in files(base) if path.suffix == ".draft"]
    return sorted(str(path.relative_to(base.parent)) for path in [*temporary.iterdir(), *drafts])
