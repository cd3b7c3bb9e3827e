"""Where a series comes from: a datapool, or a CSV or Parquet file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from mods import paths
from mods.config import Config
from mods.errors import InputError
from mods.features.datapool import Datapool
from mods.request import Source
from mods.series import files, ranges
from mods.timerange import TimeRange


def series(
    source: Source,
    config: Config,
    *,
    excluded: Iterable[str | TimeRange] = (),
    step: pd.Timedelta | None = None,
) -> pd.DataFrame:
    """The series the source and the config name; excluded steps are NaN.

    excluded: ranges of the windows of a datapool by their start, of a file's rows by their stamp
    step: the step a file is read on, where a model is known; else its own
    """
    path = _there(source)
    if not is_table(path):
        return Datapool(path, config.window).select(config.query, excluded=excluded)
    table = files.read(path, source.time_column, step)
    table.attrs["source"] = str(path)
    return ranges.without(table, excluded)


def stamps(source: Source, steps: pd.DatetimeIndex, step: pd.Timedelta) -> pd.DatetimeIndex:
    """What the source calls these steps: a file's own stamp, where a row fell on the step."""
    path = _there(source)
    if not is_table(path):
        return steps
    own = files.moments(files.rows(path, source.time_column), path)
    place = steps.get_indexer(own, method="nearest", tolerance=step / 2)
    called = steps.to_series()
    called.iloc[place[place >= 0]] = own[place >= 0]
    return pd.DatetimeIndex(called)


def _there(source: Source) -> Path:
    """The place of the data; InputError where there is none that could be read."""
    path = Path(source.data) if source.data else paths.features()
    if not path.exists():
        make = f"Make a datapool: mods prepare LOGS --output {path}"
        raise InputError(
            "there is no such datapool or file",
            where=path,
            fix="Check the path" if files.is_table(path) else make,
        )
    if path.is_file() and not is_table(path) and path.suffix.lower() != ".zip":
        raise InputError(
            "is neither a datapool nor a CSV or Parquet file",
            where=path,
            fix="Give a folder or zip of mods prepare, or a file that ends in .csv or .parquet",
        )
    return path


def is_table(path: str | Path) -> bool:
    """Whether the path is that of a CSV or Parquet file, not of a datapool."""
    return files.is_table(path) and not Path(path).is_dir()
