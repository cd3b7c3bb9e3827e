"""What is wanted now: names, periods, exclusions. Never travels in a model."""

from __future__ import annotations

from dataclasses import dataclass

from mods import architectures, paths, settings
from mods.config import DEFAULT_QUERY
from mods.errors import UsageError
from mods.query import Query
from mods.settings import setting
from mods.timerange import TimeRange
from mods.window import Window

RANGE = "as in <2019-05-01,2019-06-01)"
ENGINES = ("duckdb", "spark")
LAYOUTS = ("folders", "daily", "monthly", "parquet")
EXCLUDED = "Time ranges left out (repeated, or joined by ';')."


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
class ModelsRequest(Shelf):
    """What to do with the saved models."""

    action: str = setting(
        "list", "What to do.", choices=lambda: ("list", "show", "delete"), rest=False
    )
    model_name: str | None = setting(None, "Name of the model.", parse=paths.model)


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
    """Where a series comes from and where models are kept."""


@dataclass(frozen=True)
class FeaturesRequest(Data):
    """Which features of which series to rank, over which period."""

    data_select_query: str = setting(
        DEFAULT_QUERY,
        "Features to rank; 'conn;dns;ssh' takes whole protocols. A file ignores it.",
        parse=Query.parse,
        rest=False,
    )
    window_slide: str = setting(
        "w01h-s10m",
        "Length and slide of the windows, as in w01h-s10m.",
        parse=Window.parse,
        rest=False,
    )
    time_range: str | None = setting(
        None, f"These windows, {RANGE}.", parse=TimeRange.parse, rest=False
    )
    time_ranges_excluded: tuple[str, ...] = setting((), EXCLUDED, parse=TimeRange.parse, rest=False)
    output: str | None = setting(
        None, "Write a page with pictures here: an .html file.", rest=False
    )


@dataclass(frozen=True)
class PrepareRequest(Request):
    """Which logs become which datapool."""

    logs: str = setting(..., "Folder tree (or one file) of Zeek logs.")
    output: str | None = setting(None, "Datapool to write. Default: data/features.")
    window_slide: str = setting(
        "w01h-s10m", "Length and slide of the windows, as in w01h-s10m.", parse=Window.parse
    )
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
    layout: str = setting(
        "folders",
        "Day files in folders, in zips, or as Parquet in folders.",
        choices=lambda: LAYOUTS,
    )
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
    layout: str = setting(
        "parquet",
        "Day files in folders, in zips, or as Parquet in folders.",
        choices=lambda: LAYOUTS,
        rest=False,
    )


@dataclass(frozen=True)
class CheckRequest(Request):
    """Which datapool or file to look through."""

    data: str | None = setting(
        None,
        "Datapool folder or zip, or CSV/Parquet file with a time column. Default: data/features.",
        rest=False,
    )
    window_slide: str | None = setting(
        None,
        "Which windows of the datapool, as in w01h-s10m; needed where there are several.",
        parse=Window.parse,
        rest=False,
    )
    time_column: str | None = setting(
        None,
        "Time column of a CSV/Parquet file. Default: the first of time, timestamp, window_end, ts.",
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
        "Trim panes older than so many days, as in 30d; the windows of those days are final.",
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
class TrainRequest(Request):
    """Which model to train on which periods."""

    model_name: str = setting(..., "Name of the model.", parse=paths.model)
    train_time_range: str | None = setting(
        None, f"Train on these windows, {RANGE}.", parse=TimeRange.parse
    )
    train_time_ranges_excluded: tuple[str, ...] = setting((), EXCLUDED, parse=TimeRange.parse)
    test_time_range: str | None = setting(
        None, f"Evaluate on these windows, {RANGE}.", parse=TimeRange.parse
    )
    test_time_ranges_excluded: tuple[str, ...] = setting((), EXCLUDED, parse=TimeRange.parse)
    calm_time_range: str | None = setting(
        None,
        "Learn the alarm threshold on these windows. Default: the validation part.",
        parse=TimeRange.parse,
    )
    alarms_per_week: float = setting(1.0, "Alarms a calm week may bring.", low=0.01, high=1_000.0)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.train_time_range is None or self.test_time_range is None:
            return
        train, test = TimeRange.parse(self.train_time_range), TimeRange.parse(self.test_time_range)
        if train.overlaps(test):
            raise UsageError(
                f"the train range {train} and the test range {test} overlap",
                where="test_time_range",
                fix="Give ranges that do not share a moment",
            )


@dataclass(frozen=True)
class PredictRequest(Request):
    """Which model is asked, about which period."""

    model_name: str = setting(..., "Name of the model.", parse=paths.model)
    time_range: str | None = setting(None, f"These windows, {RANGE}.", parse=TimeRange.parse)
    time_ranges_excluded: tuple[str, ...] = setting((), EXCLUDED, parse=TimeRange.parse)
    batch_size: int = setting(4_096, "Samples computed at once.", low=1, high=1_000_000)


@dataclass(frozen=True)
class DemoRequest(Request):
    """How much synthetic traffic to make, and where to put what comes of it."""

    output: str | None = setting(None, "Folder for the demo. Default: data/demo.")
    days: int = setting(14, "Days of traffic.", low=7, high=90)
    seed: int = setting(0, "Another seed, other traffic.", low=0, high=2**31 - 1)
    model_type: str = setting("Conv1D", "The network.", choices=architectures.names)
