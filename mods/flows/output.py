"""Writing an answer to the file the user named, whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mods import atomic
from mods.atomic import replacing
from mods.errors import UsageError
from mods.plain import plain

if TYPE_CHECKING:
    import pandas as pd

    from mods.anomaly.events import Event
    from mods.flows.predict import Prediction

TABLES = (".csv", ".parquet")
PICTURES = (".png", ".svg")
PAGE = ".html"
EVENTS = (".jsonl", ".ndjson", ".csv")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def check(path: str | None, *, pictures: bool = False) -> None:
    """Raise UsageError, before any work is done, for a file that could not be written."""
    _allowed(path, TABLES + (PICTURES if pictures else ()), "--output")


def check_picture(path: str | None) -> None:
    """The same for a file that can only be a picture."""
    _allowed(path, PICTURES, "--picture")


def check_explanation(path: str | None) -> None:
    """The same for a page or a table."""
    _allowed(path, (PAGE, *TABLES), "--output")


def check_events(path: str | None, option: str = "--output") -> None:
    """The same for a file of events."""
    _allowed(path, EVENTS, option)


def _allowed(path: str | None, allowed: tuple[str, ...], option: str) -> None:
    if path is not None and Path(path).suffix.lower() not in allowed:
        raise UsageError(
            f"{path!r} has an ending that cannot be written",
            where=option,
            fix=f"Use one of {', '.join(allowed)}",
        )
    if path is not None:
        atomic.check(path)


def table(frame: pd.DataFrame, path: str | None) -> str | None:
    """Write a table as CSV or Parquet, by the file's ending; returns the path, None for no path."""
    if path is None:
        return None
    check(path)
    with replacing(path) as draft:
        if Path(path).suffix.lower() == ".parquet":
            frame.to_parquet(draft, index=False)
        else:
            frame.to_csv(draft, index=False)
    return path


def events(found: Sequence[Event], model: str, path: str | None) -> str | None:
    """Write events as JSON Lines in ECS fields or as CSV, by the file's ending."""
    if path is None:
        return None
    from mods.anomaly import ecs

    check_events(path)
    with replacing(path) as draft:
        if Path(path).suffix.lower() == ".csv":
            inert(ecs.table(found, model)).to_csv(draft, index=False)
        else:
            lines = (json.dumps(plain(ecs.document(one, model))) + "\n" for one in found)
            draft.write_text("".join(lines), encoding="utf-8")
    return path


def inert(table: pd.DataFrame) -> pd.DataFrame:
    """The table with a quote before every text that a spreadsheet would take for a formula."""
    texts = table.select_dtypes(exclude="number")
    risky = texts.apply(lambda column: column.astype(str).str.startswith(FORMULA))
    return table.assign(**texts.where(~risky, "'" + texts.astype(str)))


def forecast(prediction: Prediction, path: str | None) -> str | None:
    """Write a forecast as a table or, to a .png or .svg file, as a picture."""
    check(path, pictures=True)
    if path is None or Path(path).suffix.lower() in TABLES:
        return table(prediction.table(), path)
    return picture(prediction.figure(), path)


def picture(figure: Any, path: str) -> str:
    """Write a matplotlib Figure as PNG or SVG, by the file's ending; returns the path."""
    from mods.visualization import plots

    drawn = plots.png if path.lower().endswith(".png") else plots.svg
    content = drawn(figure)
    with replacing(path) as draft:
        draft.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path
