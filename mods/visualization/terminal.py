"""Tables for the terminal, in plain text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mods.visualization import text

if TYPE_CHECKING:
    import pandas as pd

    from mods.visualization import leads

LONG = 60
FIRST = 20
ALL = "--json tells all"


def table(rows: Iterable[Mapping[str, Any]], columns: Sequence[str] | None = None) -> str:
    """Rows under their column names; numbers to the right, text to the left.

    >>> print(table([{"feature": "conn_in", "mae": 8112.4}, {"feature": "ssh_in", "mae": 9}]))
    feature    mae
    conn_in  8,112
    ssh_in       9
    """
    listed = list(rows)
    names = list(dict.fromkeys(key for row in listed for key in row))
    if columns is not None:
        names = list(columns)
    cells = [[text.cell(row.get(name)) for name in names] for row in listed]
    right = [text.all_numbers(row.get(name) for row in listed) for name in names]
    return _aligned([[text.cell(name) for name in names], *cells], right)


def frame(rows: pd.DataFrame) -> str:
    """A DataFrame as `table` shows it, without its index; of a long one the first rows."""
    shown = rows if len(rows) <= LONG else rows.iloc[:FIRST]
    lines = table([{str(k): v for k, v in row.items()} for row in shown.to_dict("records")])
    rest = len(rows) - len(shown)
    return f"{lines}\n... and {rest:,} rows more: {ALL}" if rest else lines


def scores(evaluation: leads.Evaluation) -> str:
    """Error relative to persistence: a row per feature and their mean, a column per lead.

    Below, in brackets, the mean of each baseline. Of many features the worst, all in the means.

    evaluation:  rows with `feature`, `lead` and `rel_mae`, and `NAME_mae` of the baselines, as a
        DataFrame or as mappings
    """
    from mods.visualization import leads  # which loads pandas

    rows, said = _worst(leads.rows(evaluation), len(leads.pivot(evaluation)) - 1)
    names = list(rows[0]) if rows else []
    cells = [[leads.score(row[name]) for name in names] for row in rows]
    grid = _aligned([names, *cells], [name != "feature" for name in names])
    return f"{leads.MEANING}, by lead{said}\n{grid}"


def _worst(rows: list[dict[str, Any]], features: int) -> tuple[list[dict[str, Any]], str]:
    """The rows with only the worst of many features, that lead them, and what says so."""
    if features <= LONG:
        return rows, ""
    known = [row for row in rows[:features] if row["mean"] == row["mean"]]  # noqa: PLR0124 - NaN
    worst = sorted(known, key=lambda row: -float(row["mean"]))[:FIRST]
    return [*worst, *rows[features:]], f"; the worst {len(worst)} of {features} features: {ALL}"


def _aligned(lines: list[list[str]], right: list[bool]) -> str:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = (
        (part.rjust(width) if to_right else part.ljust(width))
        for line in lines
        for part, width, to_right in zip(line, widths, right, strict=True)
    )
    return "\n".join("  ".join(next(padded) for _ in widths).rstrip() for _ in lines)
