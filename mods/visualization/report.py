"""The HTML report: one file that needs nothing else, to read, to mail and to print.

Names and values may come from logs of strangers: the template escapes all of them, and nothing in
the page runs or loads anything.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

import jinja2
from markupsafe import Markup
from matplotlib.figure import Figure

from mods.atomic import replacing
from mods.visualization import leads, style, text

TEMPLATE = "report.html"
THEMED = {
    style.INK: "ink",
    style.MUTED: "muted",
    style.GRID: "grid",
    style.FORECAST: "forecast",
    style.SEASONAL: "seasonal",
    style.ALARM: "alarm",
}


@dataclass(frozen=True)
class Table:
    """Rows of plain values. In a `relative` one, numbers below 1 are better than persistence.

    bars:  the column whose values, parts of a whole, are drawn as bars
    """

    rows: Sequence[Mapping[str, Any]]
    caption: str = ""
    relative: bool = False
    bars: str = ""


@dataclass(frozen=True, eq=False)
class Section:
    """One chapter: what it says, its pictures with their captions, its tables, its events.

    events:  records as `Event.record()` gives them, perhaps with `why` and the way to a `page`
    lines:  further sentences, one below the other
    """

    heading: str
    text: str = ""
    figures: Sequence[tuple[str, Figure]] = ()
    tables: Sequence[Table] = ()
    events: Sequence[Mapping[str, Any]] = ()
    lines: Sequence[str] = ()


@dataclass(frozen=True, eq=False)
class Report:
    """A page: its title, facts as (name, value), and its sections."""

    title: str
    facts: Sequence[tuple[str, Any]] = ()
    sections: Sequence[Section] = field(default=())


def scores(evaluation: leads.Evaluation, caption: str = "") -> Table:
    """The table of errors relative to persistence: features, their mean, baselines; by lead."""
    return Table(leads.rows(evaluation), caption or f"{leads.MEANING}, by lead", relative=True)


def write(path: str | os.PathLike[str], report: Report) -> None:
    """Write the report as one self-contained HTML file, whole or not at all."""
    page = html(report)
    with replacing(path) as draft:
        draft.write_text(page, encoding="utf-8")


def html(report: Report) -> str:
    """The page as text."""
    return _template().render(report=report)


@cache
def _template() -> jinja2.Template:
    source = resources.files("mods.visualization").joinpath(TEMPLATE).read_text(encoding="utf-8")
    page = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    page.filters.update(
        percent=_percent, picture=_picture, cell=text.cell, score=leads.score, time=_time
    )
    page.globals.update(columns=_columns, row_of=_row, is_number=text.is_number)
    return page.from_string(source)


def _picture(figure: Figure) -> Markup:
    """The figure as SVG in the page's own colours, so that it can be read in the dark."""
    drawn = style.svg(figure)
    for color, name in THEMED.items():
        drawn = drawn.replace(color, f"var(--{name})")
    return Markup(drawn[drawn.index("<svg") :])  # noqa: S704 # nosec B704 # matplotlib has escaped all text


def _columns(rows: Sequence[Mapping[str, Any]]) -> tuple[list[str], set[str]]:
    """All column names in their order, and those whose values are numbers."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    return names, {name for name in names if text.all_numbers(row.get(name) for row in rows)}


def _row(row: Mapping[str, Any], names: Sequence[str]) -> list[tuple[str, Any]]:
    return [(name, row.get(name)) for name in names]


def _percent(share: float) -> str:
    """A part of the whole, and the width of its bar: never more than all of it."""
    return f"{max(0.0, min(100.0 * float(share), 100.0)):.1f}%"


def _time(stamp: str) -> str:
    """2019-04-01T10:20:00Z as a person reads it."""
    return text.cell(stamp).replace("T", " ").removesuffix("Z").removesuffix(":00")
