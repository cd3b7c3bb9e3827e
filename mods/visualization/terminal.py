"""Tables for the terminal, in plain text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mods.visualization import text

if TYPE_CHECKING:
    import pandas as pd

    from mods.visualization import leads


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
    """A DataFrame as `table` shows it, without its index."""
    return table([{str(k): v for k, v in row.items()} for row in rows.to_dict("records")])


def scores(evaluation: leads.Evaluation) -> str:
    """Error relative to persistence: a row per feature and their mean, a column per lead.

    Below, in brackets, the mean of each baseline.

    evaluation:  rows with `feature`, `lead` and `rel_mae`, and `NAME_mae` of the baselines, as a
        DataFrame or as mappings
    """
    from mods.visualization import leads  # which loads pandas

    rows = leads.rows(evaluation)
    names = list(rows[0]) if rows else []
    cells = [[leads.score(row[name]) for name in names] for row in rows]
    grid = _aligned([names, *cells], [name != "feature" for name in names])
    return f"{leads.MEANING}, by lead\n{grid}"


def _aligned(lines: list[list[str]], right: list[bool]) -> str:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = (
        (part.rjust(width) if to_right else part.ljust(width))
        for line in lines
        for part, width, to_right in zip(line, widths, right, strict=True)
    )
    return "\n".join("  ".join(next(padded) for _ in widths).rstrip() for _ in lines)
