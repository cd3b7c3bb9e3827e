"""Numbers and times as sentences say them."""

from __future__ import annotations

import math

import pandas as pd

from mods.errors import one_line

LONGEST = 80


def amount(value: float) -> str:
    """A number with the digits that a reader needs.

    >>> [amount(v) for v in (5927.4, 12.34, 1.2504, 0.0375, 0.0, -3.0)]
    ['5,927', '12.3', '1.25', '0.0375', '0', '-3']
    """
    if not math.isfinite(value):
        return "nothing"
    if value == round(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def percent(share: float) -> str:
    """A part of the whole.

    >>> [percent(s) for s in (0.893, 0.004, 1.2)]
    ['89 %', 'less than 1 %', '120 %']
    """
    if 0 < share < 0.005:
        return "less than 1 %"
    return f"{100 * share:.0f} %"


def minute(time: pd.Timestamp) -> str:
    """A time in UTC, to the minute."""
    return f"{time:%Y-%m-%d %H:%M}"


def until(start: pd.Timestamp, end: pd.Timestamp) -> str:
    """From one time to another, the day told once."""
    last = f"{end:%H:%M}" if start.date() == end.date() else minute(end)
    return minute(start) if start == end else f"{minute(start)} to {last}"


def shown(text: str) -> str:
    """A text of a log on one line, without control characters, cut where it is long."""
    line = one_line(text)
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 3]}..."


def joined(parts: list[str]) -> str:
    """Parts of a sentence with commas and an `and`.

    >>> joined(["a", "b", "c"]), joined(["a"])
    ('a, b and c', 'a')
    """
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1]))) if parts else ""
