"""Requests about logs, datapools and series."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mods.config import DEFAULT_QUERY, window_slide
from mods.query import Query
from mods.request.shared import Data, Request, time_range, time_ranges_excluded
from mods.settings import setting
from mods.window import Window

ENGINES = ("duckdb", "spark")
LAYOUTS = ("folders", "daily", "monthly", "parquet")


def layout(default: str, **more: Any) -> Any:
    """The setting of that name, wherever a datapool is written."""
    text = "Day files in folders, in zips, or as Parquet in folders."
    return setting(default, text, choices=lambda: LAYOUTS, **more)


@dataclass(frozen=True)
class PrepareRequest(Request):
    """Which logs become which datapool."""

    logs: str = setting(..., "Folder tree (or one file) of Zeek logs.")
    output: str | None = setting(None, "Datapool to write. Default: data/features.")
    window_slide: str = window_slide()
    local_networks: tuple[str, ...] = setting(
        (),
        "Local networks, as in 10.0.0.0/8,2001:db8::/32. Default: what Zeek says, else private.",
        separator=",",
    )
    networks_cfg: str | None = setting(
        None,
        "Zeek's networks.cfg, where --local_networks is not given. Default: the one in the log"
        " folder or in the etc folder beside or above it.",
    )
    features: tuple[str, ...] = setting(
        (),
        "Further features: TOML or YAML files of them, or security for the packaged set.",
        separator=",",
    )
    by: str | None = setting(
        None,
        "Also one datapool per subnet:24 (or subnet:24,64 for IPv4 and IPv6), sensor (or"
        " sensor:COLUMN) or groups:FILE.toml, under by/ in the output.",
    )
    layout: str = layout("folders")
    engine: str = setting(
        "duckdb",
        "What computes: duckdb, or spark (the extra spark, and Java 17) where one machine does not"
        " suffice. Spark reads TSV logs, plain or gz, and keeps no panes.",
        choices=lambda: ENGINES,
    )
    master: str = setting("local[*]", "Where Spark runs, as in local[2] or spark://HOST:7077.")
    memory: str = setting("4GB", "Memory the engine may use before it spills to disk.")
    skip_broken: bool = setting(False, "Go on without files that cannot be read, naming each.")
    report: str | None = setting(
        None, "Write what became of every file here (.json: for a program); - shows it."
    )
    no_panes: bool = setting(
        False, "Keep no panes in the datapool: hours cannot be added to it later."
    )
    rebuild: bool = setting(
        False, "Make the datapool anew from these logs alone, also with other networks or features."
    )
    forget_missing: bool = setting(
        False, "Take logs that are not there any more out of the windows that still have panes."
    )


@dataclass(frozen=True)
class ExportRequest(Request):
    """Which datapool to write anew in which layout."""

    output: str = setting(..., "Folder to write, which must not be there yet.", rest=False)
    data: str | None = setting(None, "Datapool folder or zip. Default: data/features.", rest=False)
    layout: str = layout("parquet", rest=False)


@dataclass(frozen=True)
class CheckRequest(Data):
    """Which datapool or file to look through."""

    window_slide: str | None = setting(
        None,
        "Which windows of the datapool, as in w01h-s10m; needed where there are several.",
        parse=Window.parse,
        rest=False,
    )
    output: str | None = setting(
        None, "Write a page with a calendar of the data here: an .html file.", rest=False
    )


@dataclass(frozen=True)
class StorageRequest(Request):
    """Which datapool to measure, and what of it may go."""

    data: str | None = setting(None, "Datapool folder. Default: data/features.", rest=False)
    keep_panes: str | None = setting(
        None,
        "Trim panes older than so many days, as in 30d or 4w; the windows of those days are final.",
        rest=False,
    )
    keep_days: str | None = setting(
        None, "Trim windows older than so many days, as in 365d.", rest=False
    )
    dry_run: bool = setting(False, "Only say what would be trimmed.", rest=False)


@dataclass(frozen=True)
class AnonymizeRequest(Request):
    """Which logs get pseudonyms, under which key, and where to write them."""

    logs: str = setting(..., "Folder tree (or one file) of Zeek logs.", rest=False)
    output: str = setting(..., "Folder to write, which must not be there yet.", rest=False)
    key_file: str = setting(..., "File with the key, readable by its owner alone.", rest=False)
    new_key: bool = setting(False, "Make the key file: 32 random bytes.", rest=False)
    local_networks: tuple[str, ...] = setting(
        (),
        "Networks whose pseudonyms to tell, as in 10.0.0.0/8. Default: private ones.",
        separator=",",
        rest=False,
    )


@dataclass(frozen=True)
class FeaturesRequest(Data):
    """Which features of which series to rank, over which period."""

    data_select_query: str = setting(
        DEFAULT_QUERY,
        "Features to rank; 'conn;dns;ssh' takes whole protocols. A file ignores it.",
        parse=Query.parse,
        rest=False,
    )
    window_slide: str = window_slide(rest=False)
    time_range: str | None = time_range("These windows", rest=False)
    time_ranges_excluded: tuple[str, ...] = time_ranges_excluded(rest=False)
    output: str | None = setting(
        None, "Write a page with pictures here: an .html file.", rest=False
    )
