"""Progress of long work: a bar on a terminal, log lines elsewhere."""

from __future__ import annotations

import logging
import math
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from typing import Protocol

log = logging.getLogger(__name__)
QUIET_SECONDS = 10.0
ROUNDING = 1e-6  # what is lost in summing parts of a step
_inside: ContextVar[bool] = ContextVar("inside", default=False)
SHAPE = (
    "{desc}: {percentage:3.0f}%|{bar}| {n:.4g}/{total:.4g} {unit} [{elapsed}<{remaining}{postfix}]"
)


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
        yield _Bar(bar)


class _Silent:
    def advance(self, steps: float = 1, note: str = "") -> None:
        pass


class _Bar:
    def __init__(self, bar: object) -> None:
        self.bar = bar

    def advance(self, steps: float = 1, note: str = "") -> None:
        self.bar.update(steps)  # type: ignore[attr-defined]
        if note:
            self.bar.set_postfix_str(note)  # type: ignore[attr-defined]


class _Lines:
    def __init__(self, what: str, total: float, unit: str) -> None:
        self.what, self.total, self.unit = what, total, unit
        self.done, self.begun = 0.0, time.monotonic()
        self.last = self.begun

    def advance(self, steps: float = 1, note: str = "") -> None:
        self.done += steps
        if self.done > self.total - ROUNDING:
            self.done = max(self.done, self.total)
        now = time.monotonic()
        if now - self.last < QUIET_SECONDS and self.done < self.total:
            return
        self.last = now
        told = f"{self.done:.4g} of {self.total:.4g}"
        if self.total == int(self.total):
            told = f"{math.floor(self.done + ROUNDING)} of {self.total:.0f}"
        said = f"{self.what}: {told} {self.unit}{self._left()} {note}"
        log.info("%s", said.strip())

    def _left(self) -> str:
        """How long the rest will take at the pace so far."""
        if not 0 < self.done < self.total:
            return ""
        left = (time.monotonic() - self.begun) * (self.total - self.done) / self.done
        return f", {timedelta(seconds=round(left))} left"
