"""Durations as people write them: 90m, 12h, 7d, 2w."""

from __future__ import annotations

import re
from datetime import timedelta

from mods.errors import UsageError

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
TEXT = re.compile(r"(\d{1,6})([smhdw])")


def parse(text: str, where: str = "duration") -> timedelta:
    """The length of time a text names; raises UsageError for anything else, and for none at all.

    where: the setting that the error names

    >>> parse("7d").days, parse("36h")
    (7, datetime.timedelta(days=1, seconds=43200))
    """
    match = TEXT.fullmatch(text.strip())
    if match is None or not int(match[1]):
        raise UsageError(
            f"{text!r} is no length of time",
            where=where,
            fix="Write a number and s, m, h, d or w, as in 12h or 7d",
        )
    return timedelta(**{UNITS[match[2]]: int(match[1])})
