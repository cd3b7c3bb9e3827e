"""What requests share: the check, where data come from, where models are kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mods import settings
from mods.settings import setting
from mods.timerange import TimeRange


def time_range(what: str, **more: Any) -> Any:
    """The setting of a time range; `what` says what is done with its windows."""
    text = f"{what}, as in <2019-05-01,2019-06-01)."
    return setting(None, text, parse=TimeRange.parse, **more)


def time_ranges_excluded(**more: Any) -> Any:
    """The setting of the ranges that are left out of another."""
    text = "Time ranges left out (repeated, or joined by ';')."
    return setting((), text, parse=TimeRange.parse, **more)


def expected() -> Any:
    """The setting of the periods that raise no alarm."""
    text = (
        "Periods that raise no alarm (repeated, or joined by ';'): a time range, or as in"
        " 'Sun 02:00-04:00 Europe/Bratislava for conn_in,ssh_in'."
    )
    return setting((), text, rest=False)


@dataclass(frozen=True)
class Request:
    """What every request shares: checked as soon as it is made."""

    def __post_init__(self) -> None:
        settings.check(self)


@dataclass(frozen=True)
class Shelf(Request):
    """Where models are kept."""

    models: str | None = setting(None, "Another models folder.", rest=False)


@dataclass(frozen=True)
class Data(Request):
    """Where a series comes from."""

    data: str | None = setting(
        None,
        "Datapool folder or zip, or CSV/Parquet file with a time column. Default: data/features.",
        rest=False,
    )
    time_column: str | None = setting(
        None,
        "Time column of a CSV/Parquet file. Default: the first of time, timestamp, window_end, ts.",
        rest=False,
    )


@dataclass(frozen=True)
class Source(Data, Shelf):
    """Where a series and what is known in advance come from, and where models are kept."""

    known: str | None = setting(
        None,
        "CSV/Parquet file with a time column: its columns are known in advance. Each value holds"
        " from its stamp to the next.",
        rest=False,
    )
