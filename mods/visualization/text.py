"""Values as people read them. All text may come from a log: control characters are taken out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from mods.errors import one_line

FEW = 4
UNITS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def number(value: float) -> str:
    """A number with the digits that matter.

    >>> [number(v) for v in (387123.4, 12.3456, 0.6271, 3.0, float("nan"))]
    ['387,123', '12.35', '0.627', '3', '-']
    """
    if not math.isfinite(value):
        return "-"
    if value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.4g}"


def short(value: float) -> str:
    """A number for an axis.

    >>> [short(v) for v in (44000, 1_500_000, 12, 0.5, 0)]
    ['44k', '1.5M', '12', '0.5', '0']
    """
    for size, unit in UNITS:
        if abs(value) >= size:
            return f"{value / size:.4g}{unit}"
    return f"{value:.4g}"


def cell(value: Any) -> str:
    """One value of a table on one line."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if is_number(value):
        return number(float(value))
    if isinstance(value, datetime):
        return "-" if value != value else f"{value:%Y-%m-%d %H:%M}"  # noqa: PLR0124 - NaT
    if isinstance(value, Iterable) and not isinstance(value, str | bytes | dict):
        return ", ".join(cell(part) for part in value)
    return one_line(str(value))


def few(values: Sequence[Any] | None, most: int = FEW) -> str:
    """The first of many values, and how many there are in all.

    >>> few(["a", "b"]), few(list("abcdef"))
    ('a, b', 'a, b, c, d, ... 6 in all')
    """
    listed = list(values or ())
    if len(listed) <= most + 1:
        return cell(listed or None)
    return f"{cell(listed[:most])}, ... {len(listed)} in all"


def is_number(value: Any) -> bool:
    """Whether the value is a number, of Python or numpy, and no truth value."""
    return hasattr(value, "__float__") and not isinstance(value, bool | str)


def all_numbers(values: Iterable[Any]) -> bool:
    """Whether all values given (not None) are numbers, and at least one is given."""
    given = [value for value in values if value is not None]
    return bool(given) and all(is_number(value) for value in given)
