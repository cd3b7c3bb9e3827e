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
    time_range: str | TimeRange | None = None,
    excluded: Iterable[str | TimeRange] = (),
) -> pd.DataFrame:
    """The series the source and the config name; excluded steps are NaN.

    Time ranges select the windows of a datapool by their start, the rows of a file by their stamp.
    """
    path = Path(source.data) if source.data else paths.features()
    if not path.exists():
        raise InputError(
            "there is no such datapool or file",
            where=path,
            fix=f"Make a datapool: mods prepare LOGS --output {path}",
        )
    if not is_table(path):
        pool = Datapool(path, config.window)
        return pool.select(config.query, time_range, excluded)
    table = ranges.without(files.read(path, source.time_column), excluded)
    return table if time_range is None else ranges.held(table, time_range, path)


def is_table(path: str | Path) -> bool:
    """Whether the path is that of a CSV or Parquet file, not of a datapool."""
    return files.is_table(path) and not Path(path).is_dir()
