"""All that makes a model: the settings that travel inside it. What is wanted now: request/."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from mods import architectures, settings
from mods.query import Query
from mods.settings import Span, setting
from mods.window import Window

CALENDAR = ("day", "week")
DEFAULT_QUERY = (
    "conn|in_count_uid~conn_in|out_count_uid~conn_out;dns|in_distinct_query~dns_in_distinct;"
    "ssh|in~ssh_in#window_start,window_end"
)


def window_slide(**more: Any) -> Any:
    """The setting of that name, wherever windows are chosen."""
    text = "Length and slide of the windows, as in w01h-s10m."
    return setting("w01h-s10m", text, parse=Window.parse, **more)


def model_type() -> Any:
    """The setting of that name, wherever a network is chosen."""
    return setting("MLP", "The network.", choices=architectures.names)


@dataclass(frozen=True)
class Config:
    """How the series is selected, the network built and the training run.

    >>> Config(steps_ahead=6).steps_ahead
    6
    """

    data_select_query: str = setting(
        DEFAULT_QUERY,
        "Features: protocol|column~new_name|...;protocol|... . A CSV or Parquet file ignores it.",
        parse=Query.parse,
    )
    window_slide: str = window_slide()
    entities: tuple[str, ...] = setting(
        (),
        "One network for many series: these entities of a datapool prepared with --by, or all. In"
        " a file they are the columns ENTITY|FEATURE.",
        separator=",",
    )
    known_columns: tuple[str, ...] = setting(
        (),
        "Columns of the data that are known in advance: inputs at every lead, never forecast.",
        separator=",",
        rest=False,
    )
    calendar: tuple[str, ...] = setting(
        (),
        "Clock inputs at every lead (UTC): the time of day, the day of the week.",
        choices=lambda: CALENDAR,
        separator=",",
    )
    true_panes: bool = setting(
        True, "Learn what leaves each window from the panes of a datapool, where it keeps them."
    )
    sequence_len: int = setting(
        14, "Steps the network looks back.", low=2, high=10_000, tune=(14, 24, 48, 72, 144)
    )
    steps_ahead: int = setting(1, "Steps to forecast: the whole path 1..k.", low=1, high=1_000)
    model_delta: bool = setting(True, "Forecast the change against the last value.")
    model_type: str = model_type()
    num_epochs: int = setting(20, "Epochs at most.", low=1, high=100_000)
    epochs_patience: int = setting(
        10, "Stop after so many epochs without a better validation error.", low=1, high=100_000
    )
    blocks: int = setting(
        64, "Units (or filters) of a layer.", low=1, high=4_096, tune=(16, 32, 64, 128)
    )
    stacked_blocks: int = setting(
        1, "Layers stacked on each other.", low=1, high=64, tune=(1, 2, 3)
    )
    batch_size: int = setting(
        256,
        "Samples of one gradient step; fewer where an epoch would be less than 20 steps.",
        low=1,
        high=1_000_000,
        tune=(128, 256, 512, 1_024),
    )
    batch_normalization: bool = setting(
        False, "Normalise each batch between the layers.", tune=(False, True)
    )
    dropout_rate: float = setting(
        0.2, "Share of units dropped in training.", low=0.0, high=0.95, tune=Span(0.0, 0.5)
    )
    learning_rate: float = setting(
        0.002,
        "First step size of the optimiser.",
        low=1e-7,
        high=1.0,
        tune=Span(0.0003, 0.02, log=True),
    )
    accurate: bool = setting(
        False, "Average four networks that began differently: a little better, slower to train."
    )
    seed: int = setting(0, "Same seed, same data, same machine: same model.", low=0, high=2**31 - 1)

    def __post_init__(self) -> None:
        settings.check(self)

    @property
    def unread(self) -> tuple[str, ...]:
        """The settings given another value than the default that mean nothing to the model_type.

        >>> Config(model_type="NLinear", stacked_blocks=3, blocks=8).unread
        ('stacked_blocks',)
        """
        ignored = architectures.ignored(self.model_type)
        defaults = {one.name: one.default for one in dataclasses.fields(self)}
        return tuple(name for name in ignored if getattr(self, name) != defaults[name])

    @property
    def window(self) -> Window:
        """The parsed window_slide."""
        return Window.parse(self.window_slide)

    @property
    def query(self) -> Query:
        """The parsed data_select_query."""
        return Query.parse(self.data_select_query)
