"""One tree of exceptions: what is wrong, where, and what to do, on one line.

Each kind has its exit code for the command line and its status for the REST service.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

MOST_NAMES = 10


class ModsError(Exception):
    """What mods raises on purpose; `where` names the file, setting or feature, `fix` the way out.

    >>> print(ModsError("12 steps are too few", where="a.csv", fix="Give at least 14"))
    a.csv: 12 steps are too few. Give at least 14.
    """

    kind = "error"
    exit_code = 1
    status = 500

    def __init__(self, message: str, *, where: object = "", fix: str = "") -> None:
        self.message = one_line(message)
        self.where = one_line(str(where))
        self.fix = one_line(fix)
        super().__init__(self.message)

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return " ".join(filter(None, (f"{place}{_closed(self.message)}", _closed(self.fix))))

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.message, self.where, self.fix)

    def record(self) -> dict[str, str]:
        """The error as a program reads it."""
        return {"kind": self.kind, "message": self.message, "where": self.where, "fix": self.fix}


def _rebuild(cls: type[ModsError], message: str, where: str, fix: str) -> ModsError:
    return cls(message, where=where, fix=fix)


def _closed(sentence: str) -> str:
    """The sentence with a full stop at its end, unless it has an end."""
    return sentence if not sentence or sentence[-1] in ".?!" else f"{sentence}."


def one_line(text: str) -> str:
    """The text without line breaks and control characters, which log data may bring along."""
    return "".join(c if c.isprintable() else " " for c in " ".join(text.split()))


def offered(name: str, there: Sequence[str]) -> str:
    """What there is instead of a name that is not there: all names, or of many the closest.

    >>> offered("c", ["a", "b"]), offered("c", [])
    ('It has a, b', 'It has none')
    """
    if len(there) <= MOST_NAMES:
        return f"It has {', '.join(there) or 'none'}"
    near = difflib.get_close_matches(name, there, n=MOST_NAMES, cutoff=0.0)
    return f"Of the {len(there)} it has these are closest: {', '.join(near)}"


class UsageError(ModsError):
    """The caller asked for something that cannot be meant."""

    kind = "usage"
    exit_code = 2
    status = 422


class SettingError(UsageError):
    """A setting is unknown or outside its limits."""


class QueryError(UsageError):
    """A data_select_query does not follow its grammar."""


class TimeRangeError(UsageError):
    """A time range does not follow its grammar, is empty or is reversed."""


class InputError(ModsError):
    """The data cannot be used as they are."""

    kind = "input"
    exit_code = 3
    status = 422


class LogError(InputError):
    """A Zeek log cannot be read."""


class DatapoolError(InputError):
    """A datapool cannot be read, or does not hold what was asked for."""


class SeriesError(InputError):
    """A series is too short, irregular, or lacks what was asked for."""


class ModelError(ModsError):
    """A saved model cannot be used."""

    kind = "model"
    exit_code = 4
    status = 422


class ModelNotFoundError(ModelError):
    """No model of that name is saved."""

    status = 404


class CorruptModelError(ModelError):
    """A model file was changed, cut short, or never was one.

    Over REST nobody who asks can mend that: the service lacks a sound file.
    """

    status = 503


class OutdatedModelError(CorruptModelError):
    """A model file of a format that another version of mods reads."""


class ResourceError(ModsError):
    """The machine, not the data: disk, memory, port, a missing extra."""

    kind = "resource"
    exit_code = 5
    status = 503
