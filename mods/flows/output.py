"""Writing an answer to the file the user named, whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mods import atomic
from mods.atomic import replacing
from mods.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

    from mods.flows.predict import Prediction

TABLES = (".csv", ".parquet")
PICTURES = (".png", ".svg")
PAGE = ".html"


def check(path: str | None, *, pictures: bool = False) -> None:
    """Raise UsageError, before any work is done, for a file that could not be written."""
    _allowed(path, TABLES + (PICTURES if pictures else ()), "--output")


def check_picture(path: str | None) -> None:
    """The same for a file that can only be a picture."""
    _allowed(path, PICTURES, "--picture")


def check_explanation(path: str | None) -> None:
    """The same for a page or a table."""
    _allowed(path, (PAGE, *TABLES), "--output")


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
