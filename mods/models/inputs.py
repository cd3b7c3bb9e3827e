"""Inputs: what a network gets beside the values of a series, and how wide that is.

Which kind of feature a row is of, what is known in advance, and what leaves each window.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mods.config import Config
from mods.errors import SeriesError
from mods.series import entities, inputs, known, leaving
from mods.series.known import Known
from mods.window import Window


@dataclass(frozen=True, eq=False)
class Beside:
    """The inputs of one series, at each of its steps and `steps_ahead` more.

    kind:  the number of each feature's kind; kinds:  how many there are
    known:  (steps + steps_ahead, width), a user's columns (`own` of them) first, NaN where one is
        not known
    leaving:  (steps + steps_ahead, features, slides) in the features' units, NaN where not known
    """

    kind: np.ndarray
    kinds: int
    known: np.ndarray
    own: int
    leaving: np.ndarray

    def unknown(self, at: np.ndarray, ahead: int) -> np.ndarray:
        """(n, ahead): from which steps and how far ahead a known input is missing."""
        blank = ~np.isfinite(self.known).all(axis=1)
        return np.asarray(blank[at[:, None] + np.arange(1, ahead + 1)])


def plain(features: int, steps: int, ahead: int) -> Beside:
    """The inputs of a series that has none: each feature is a kind of its own."""
    nothing = np.zeros((steps + ahead, 0))
    return Beside(np.arange(features), features, nothing, 0, nothing[:, None].repeat(features, 1))


@dataclass(frozen=True)
class Inputs:
    """What the inputs of a model are.

    kinds:  the features, whosever they are; known:  what is known in advance
    slides:  within how many slides what leaves is told, 0 where it never was
    """

    kinds: tuple[str, ...]
    known: Known = Known()
    slides: int = 0

    def state(self) -> dict[str, Any]:
        """As JSON keeps it; `read` is the way back."""
        return {"kinds": list(self.kinds), "known": self.known.state(), "slides": self.slides}

    def beside(
        self, series: pd.DataFrame, features: tuple[str, ...], grid: pd.DatetimeIndex
    ) -> Beside:
        """The inputs at every step of the grid.

        Raises SeriesError where the series lacks a column or a feature is of no known kind.
        """
        return Beside(
            np.array([self.kind(name) for name in features]),
            len(self.kinds),
            self.known.array(series, grid),
            len(self.known.names),
            leaving.array(series.reindex(grid), features, self.slides),
        )

    def nothing(self, features: int, ahead: int) -> Beside:
        """Inputs of one step without any value, as wide as those of a series."""
        coming = np.zeros((1 + ahead, self.known.width))
        left = np.full((1 + ahead, features, self.slides), np.nan)
        kind = np.zeros(features, int)
        return Beside(kind, len(self.kinds), coming, len(self.known.names), left)

    def kind(self, column: str) -> int:
        """The number of a feature's kind."""
        name = column if column in self.kinds else entities.parted(column)[1]
        if name not in self.kinds:
            raise SeriesError(
                f"is none of the features of the model: {', '.join(self.kinds)}", where=column
            )
        return self.kinds.index(name)

    def columns(self, series: pd.DataFrame, features: tuple[str, ...]) -> list[str]:
        """The columns of a series that are inputs beside these features."""
        return [*self.known.columns(series).columns, *self.leaving(series, features)]

    def leaving(self, series: pd.DataFrame, features: tuple[str, ...]) -> list[str]:
        """Of these, those that tell what leaves windows, where the model has use for them."""
        return leaving.columns(series, features) if self.slides else []


def fit(
    learning: pd.DataFrame, features: tuple[str, ...], config: Config, window: Window
) -> Inputs:
    """What the training part has, and the settings ask for."""
    told = config.true_panes and bool(leaving.columns(learning, features))
    kinds = entities.kinds(features) if config.entities else features
    inner = known.fit(learning, config.known_columns, config.calendar)
    return Inputs(kinds, inner, min(config.steps_ahead, window.panes) if told else 0)


def read(state: Mapping[str, Any], config: Config, window: Window) -> Inputs:
    """The inputs of a saved state; KeyError, TypeError or ValueError for another thing.

    They are no wider than the config and the window allow, so that no file asks for the memory.
    """
    slides, inner = int(state["slides"]), known.read(state["known"])
    most = min(config.steps_ahead, window.panes)
    if not 0 <= slides <= most or inner.names != config.known_columns:
        raise ValueError("the inputs are not those of the config")
    return Inputs(tuple(str(one) for one in state["kinds"]), inner, slides)


def grid(index: pd.Index, step: pd.Timedelta, ahead: int) -> pd.DatetimeIndex:
    """The steps of a series and `ahead` more."""
    more = index[-1] + step * np.arange(1, ahead + 1)
    return pd.DatetimeIndex(pd.DatetimeIndex(index).append(pd.DatetimeIndex(more)))


def features(series: pd.DataFrame, config: Config) -> tuple[str, ...]:
    """The columns of a series that are forecast."""
    return inputs.features(series, config.known_columns)
