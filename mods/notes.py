"""Notes: warnings that go to the log and, where an answer is being made, into the answer, too."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_told: ContextVar[list[str] | None] = ContextVar("told", default=None)
_wording: ContextVar[Callable[[str], str]] = ContextVar("wording", default=str)


def warn(log: logging.Logger, message: str, *args: object) -> None:
    """Warn in the log, and tell whoever collects notes now; of one answer each once."""
    told = _told.get()
    if told is not None:
        text = _wording.get()(message % args)
        if text in told:
            return
        told.append(text)
    log.warning(message, *args)


@contextmanager
def collected() -> Iterator[list[str]]:
    """What is warned of inside the block, each once.

    >>> with collected() as notes:
    ...     warn(logging.Logger("quiet", logging.ERROR), "%d steps are few", 3)
    >>> notes
    ['3 steps are few']
    """
    notes: list[str] = []
    before = _told.set(notes)
    try:
        yield notes
    finally:
        _told.reset(before)


@contextmanager
def worded(wording: Callable[[str], str]) -> Iterator[None]:
    """Inside the block notes are told in these words; the log keeps its own."""
    before = _wording.set(wording)
    try:
        yield
    finally:
        _wording.reset(before)
