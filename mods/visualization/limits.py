"""Limits in the picture of a forecast, and the warnings below its tables in the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from mods.limit import Limit
from mods.visualization import terminal
from mods.visualization.text import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FAR = 0.35
FIRST = 20


class Line(NamedTuple):
    """A limit to draw, and whether the forecast is likely to cross it."""

    limit: Limit
    warned: bool


class Warned(Protocol):
    """What there is to tell of the limits of a prediction."""

    @property
    def asked(self) -> float:
        """The probability to warn from."""

    @property
    def likeliest(self) -> tuple[Limit, float] | None:
        """The limit that is likeliest to be crossed, and its probability."""

    def record(self) -> list[dict[str, Any]]:
        """The warnings."""


def draw(axis: Axes, lines: Sequence[Line]) -> None:
    """Lines across a panel; one that is far from all that is shown only where it is warned of."""
    from mods.visualization import style  # which loads matplotlib

    low, high = axis.get_ylim()
    room = FAR * (high - low)
    for line in lines:
        level = line.limit.level
        if not (line.warned or low - room <= level <= high + room):
            continue
        axis.axhline(
            level,
            color=style.ALARM if line.warned else style.MUTED,
            linewidth=1.6 if line.warned else 1.1,
            linestyle="-" if line.warned else (0, (5, 3)),
            label="limit, warned of" if line.warned else "limit",
        )
        low, high = min(low, level - room / 5), max(high, level + room / 5)
    axis.set_ylim(low, high)


def text(warned: Warned) -> str:
    """The warnings as a table of their own; without any, how likely the likeliest crossing is."""
    rows = warned.record()
    if rows:
        head = f"limits likely to be crossed (probability {warned.asked:g} or more):"
        more = len(rows) - FIRST
        rest = f"\n... and {more:,} more: {terminal.ALL}" if more > 0 else ""
        return f"\n\n{head}\n{terminal.table(map(_told, rows[:FIRST]))}{rest}"
    if warned.likeliest is None:
        return ""
    limit, chance = warned.likeliest
    way = "above" if limit.upper else "below"
    said = f"{limit.feature} {way} {number(limit.level)} with {100 * chance:.0f} %"
    return f"\n\nno limit is likely to be crossed; the likeliest is {said}"


def _told(row: dict[str, Any]) -> dict[str, Any]:
    """One warning as people read it."""
    return {
        "feature": row["feature"],
        "goes": f"{row['direction']} {number(row['limit'])}",
        "probability": f"{100 * row['probability']:.0f} %",
        "by": row["time"].replace("T", " ")[:16],
        "ahead": "is there now" if row["now"] else _ahead(row["minutes"]),
        "limit": row["source"],
    }


def _ahead(minutes: float) -> str:
    """Minutes as people say them.

    >>> _ahead(20.0), _ahead(130.0)
    ('20 min', '2 h 10 min')
    """
    hours, rest = divmod(round(minutes), 60)
    return f"{rest} min" if not hours else f"{hours} h {rest} min" if rest else f"{hours} h"
