"""Progress of long work: a bar on a terminal, log lines elsewhere."""

from __future__ import annotations

import logging
import math
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from typing import Protocol

log = logging.getLogger(__name__)
QUIET_SECONDS = 10.0
ROUNDING = 1e-6  # what is lost in summing parts of a step
MARK_SECONDS, MARKS = 0.25, 256  # so the pace is that of a minute or more
SETTLED, LEAST_MARKS = 2.0, 3  # seconds and marks before there is a pace
_inside: ContextVar[bool] = ContextVar("inside", default=False)
SHAPE = "{desc}: {percentage:3.0f}%|{bar}| {n:.4g}/{total:.4g} {unit} [{elapsed}{postfix}]"


class Progress(Protocol):
    """What a long piece of work tells about itself."""

    def advance(self, steps: float = 1, note: str = "") -> None:
        """So many further steps are done; `note` says how it stands."""


@contextmanager
def shown(what: str, total: float, unit: str = "it") -> Iterator[Progress]:
    """Show the progress of `total` steps of `what` on stderr, or in the log every ten seconds.

    What goes on inside of it shows none of its own: one bar tells how far the whole is.
    """
    if _inside.get():
        yield _Silent()
        return
    token = _inside.set(True)
    try:
        with _told(what, total, unit) as progress:
            yield progress
    finally:
        _inside.reset(token)


@contextmanager
def _told(what: str, total: float, unit: str) -> Iterator[Progress]:
    if not sys.stderr.isatty():
        yield _Lines(what, total, unit)
        return
    from tqdm import tqdm  # noqa: PLC0415 - only where a bar is drawn

    with tqdm(desc=what, total=total, unit=unit, bar_format=SHAPE, dynamic_ncols=True) as bar:
        yield _Bar(bar, total)


class _Silent:
    def advance(self, steps: float = 1, note: str = "") -> None:
        pass


class _Pace:
    """How long the rest takes at the pace of late.

    What is told first is not counted: it has paid for start-up and compilation, or was done by an
    earlier process.
    """

    def __init__(self, total: float) -> None:
        self.total, self.done, self.told = total, 0.0, 0
        self.marks: deque[tuple[float, float]] = deque(maxlen=MARKS)

    def advance(self, steps: float, now: float) -> None:
        """So many further steps are done."""
        if not steps:
            return
        self.done += steps
        self.told += 1
        if self.told > 1 and (not self.marks or now - self.marks[-1][0] >= MARK_SECONDS):
            self.marks.append((now, self.done))

    def left(self, now: float) -> str:
        """In words; '' where nothing can be said yet, or nothing is left."""
        if len(self.marks) < LEAST_MARKS or self.done >= self.total:
            return ""
        since, before = self.marks[0]
        seconds = now - since
        if seconds < SETTLED:
            return ""
        rest = seconds * (self.total - self.done) / (self.done - before)
        return f"{timedelta(seconds=round(rest))} left"


class _Bar:
    def __init__(self, bar: object, total: float) -> None:
        self.bar, self.pace, self.note = bar, _Pace(total), ""

    def advance(self, steps: float = 1, note: str = "") -> None:
        now = time.monotonic()
        self.pace.advance(steps, now)
        self.note = note or self.note
        said = ", ".join(filter(None, (self.pace.left(now), self.note)))
        self.bar.set_postfix_str(said, refresh=False)  # type: ignore[attr-defined]
        self.bar.update(steps)  # type: ignore[attr-defined]


class _Lines:
    def __init__(self, what: str, total: float, unit: str) -> None:
        self.what, self.total, self.unit = what, total, unit
        self.done, self.last, self.pace = 0.0, time.monotonic(), _Pace(total)

    def advance(self, steps: float = 1, note: str = "") -> None:
        self.done += steps
        if self.done > self.total - ROUNDING:
            self.done = max(self.done, self.total)
        now = time.monotonic()
        self.pace.advance(steps, now)
        if now - self.last < QUIET_SECONDS and self.done < self.total:
            return
        self.last = now
        told = f"{self.done:.4g} of {self.total:.4g}"
        if self.total == int(self.total):
            told = f"{math.floor(self.done + ROUNDING)} of {self.total:.0f}"
        left = self.pace.left(now)
        rest = f", {left}, {note}" if left and note else f", {left}" if left else f" {note}"
        log.info("%s", f"{self.what}: {told} {self.unit}{rest}".strip())
