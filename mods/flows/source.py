"""Where a series comes from: a datapool, or a CSV or Parquet file."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from mods import notes, paths
from mods.config import Config
from mods.errors import DatapoolError, InputError, SeriesError, offered
from mods.features.datapool import Datapool, held, many
from mods.features.datapool.pool import Between
from mods.flows import known
from mods.request import Source
from mods.series import entities, files, inputs, ranges
from mods.timerange import TimeRange

log = logging.getLogger(__name__)
ALL = "all"


def series(
    source: Source,
    config: Config,
    *,
    excluded: Iterable[str | TimeRange] = (),
    step: pd.Timedelta | None = None,
    ahead: int = 0,
) -> pd.DataFrame:
    """The series the source and the config name, with its inputs; excluded steps are NaN.

    Columns that are known in advance stand behind the features.

    excluded: ranges of the windows of a datapool by their start, of a file's rows by their stamp
    step: the step a file is read on, where a model is known; else its own
    ahead: how many steps behind its end columns known in advance go on, where a file tells them
    """
    path = located(source)
    left_out = [TimeRange.parse(one) if isinstance(one, str) else one for one in excluded]
    if is_table(path):
        found = without(_table(source, config, step), config, left_out)
    else:
        found = _selected(path, config, left_out)
    return known.joined(found, source, config, ahead)


def without(
    series: pd.DataFrame, config: Config, excluded: Iterable[str | TimeRange]
) -> pd.DataFrame:
    """The series with NaN in these ranges; what is known in advance stays known."""
    left_out = list(excluded)
    if not left_out:
        return series
    blank = ranges.without(series, left_out)
    for name in config.known_columns:
        if name in series:
            blank[name] = series[name]
    return blank


def leaving(
    series: pd.DataFrame, source: Source, config: Config, between: Between | None = None
) -> pd.DataFrame:
    """The series with what leaves each window (of those that end `between`), by a pool's panes.

    As it was where the source keeps none; where they cannot be read, with a warning.
    """
    path = located(source)
    if is_table(path):
        return series
    pool = Datapool(path, config.window)
    try:
        if config.entities:
            return many.beside(pool, series, config.query, config.steps_ahead, between)
        return pool.beside(series, pool.chosen(config.query), config.steps_ahead, between)
    except InputError as error:
        notes.warn(log, "%s What leaves the windows is not told.", error)
        return series


def check(source: Source, config: Config) -> None:
    """Raise DatapoolError where the query names what the datapool, as it is now, does not have.

    One that cannot be read now is not judged: what reads it later will say why.
    """
    try:
        path = located(source)
        if is_table(path):
            return
        pool = Datapool(path, config.window)
        for name in {one.protocol for one in config.query.selections} & {*pool.protocols}:
            pool.columns(name)
    except InputError as error:
        log.info("the query is not checked: %s", error)
        return
    try:
        pool.chosen(config.query)
    except DatapoolError as error:  # the place is ours: a client is told what it sent
        raise DatapoolError(error.message, where="data_select_query", fix=error.fix) from None


def _table(source: Source, config: Config, step: pd.Timedelta | None) -> pd.DataFrame:
    path = str(source.data)
    table = files.read(path, source.time_column, step)
    table.attrs["source"] = path
    if not config.entities or ALL in config.entities:
        return table
    named = entities.names(inputs.features(table, config.known_columns))
    for name in config.entities:
        if name not in named:
            raise SeriesError(f"has no columns {name}|...", where=path, fix=offered(name, named))
    return table[inputs.of_entities(table, config.entities, config.known_columns)]


def _selected(path: Path, config: Config, excluded: list[TimeRange]) -> pd.DataFrame:
    """The query's series of a datapool, as read before where its files are still the same."""

    def read() -> pd.DataFrame:
        pool = Datapool(path, config.window)
        if not config.entities:
            return pool.select(config.query, excluded=excluded)
        names = () if ALL in config.entities else config.entities
        return many.select(pool, config.query, names, excluded=excluded)

    asked = f"series {config.window} {config.query} {config.entities} {excluded}"
    found = held.once(path, asked, read, lambda one: int(one.memory_usage().sum()))
    return found.copy()


def stamps(source: Source, steps: pd.DatetimeIndex, step: pd.Timedelta) -> pd.DatetimeIndex:
    """What the source calls these steps: a file's own stamp, where a row fell on the step."""
    path = located(source)
    if not is_table(path):
        return steps
    own = files.moments(files.rows(path, source.time_column), path)
    place = steps.get_indexer(own, method="nearest", tolerance=step / 2)
    called = steps.to_series()
    called.iloc[place[place >= 0]] = own[place >= 0]
    return pd.DatetimeIndex(called)


def located(source: Source) -> Path:
    """The place of the data; InputError where there is none that could be read."""
    path = Path(source.data) if source.data else paths.features()
    if not path.exists():
        raise InputError(
            "there is no such datapool or file",
            where=path,
            fix=remedy(path),
        )
    if path.is_file() and not is_table(path) and path.suffix.lower() != ".zip":
        raise InputError(
            "is neither a datapool nor a CSV or Parquet file",
            where=path,
            fix="Give a folder or zip of mods prepare, or a file that ends in .csv or .parquet",
        )
    return path


def remedy(path: Path) -> str:
    """What to do where there is nothing at this path."""
    if files.is_table(path):
        return "Check the path"
    return f"Make a datapool: mods prepare LOGS --output {path}"


def is_table(path: str | Path) -> bool:
    """Whether the path is that of a CSV or Parquet file, not of a datapool."""
    return files.is_table(path) and not Path(path).is_dir()
