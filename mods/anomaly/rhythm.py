"""Rhythm: what is usual of a feature at a time of the day, learnt once and followed slowly.

The usual value of a step is the median of the same time of the day over the eight weeks before it,
averaged with the slots up to 20 minutes beside. Its own day is left out, so that an anomaly never
explains itself, and a median over weeks ignores one that lasts days. Where the series has fewer
days before the step, a table learnt in training stands for the days that it was learnt from: seven
quantiles of each slot, so that the median moves on from them as it would from the days themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

DAY = pd.Timedelta("1D")
SLOT, BESIDE = pd.Timedelta("10min"), pd.Timedelta("20min")
DAYS = 56
LEAST_DAYS = 7
TOGETHER = 16
WEEKS_TO_COMPARE = 3
BETTER = 0.9
WORKING_DAYS = 5
QUANTILES = (4, 1, 6, 2, 5, 0, 3)  # of seven, in an order that leaves as even a rest as can be
EVERY, WORKING, WEEKEND = "every", "working", "weekend"


@dataclass(frozen=True, eq=False)
class Rhythm:
    """Usual values by quantile and slot of the day (UTC, rows) and feature (columns).

    tables:  of all days; of working days and weekends those of the `weekly` features
    weekly:  features whose Saturdays and Sundays differ from their other days
    days:  how many days it was learnt from, at most eight weeks
    """

    tables: Mapping[str, pd.DataFrame]
    weekly: tuple[str, ...]
    days: int

    @classmethod
    def learn(cls, history: pd.DataFrame, step: pd.Timedelta) -> Rhythm:
        """The tables at the end of a history on a regular grid, and who needs a weekly one."""
        known = history.loc[history.notna().any(axis=1)]
        days = len(pd.DatetimeIndex(known.index).normalize().unique())
        slots = max(1, int(DAY // max(step, SLOT)))
        late = known.loc[known.index > known.index[-1] - DAYS * DAY] if len(known) else known
        kinds = dict(_kinds(pd.DatetimeIndex(late.index)))
        tables = {EVERY: _table(late, slots, days)}
        blank = {EVERY: _blank(history, slots)} | {kind: _blank(history, slots) for kind in kinds}
        weekly: tuple[str, ...] = ()
        if days >= WEEKS_TO_COMPARE * 7:
            names = tuple(map(str, history))
            by_day, by_week = (cls(blank, which, 0).expected(history) for which in ((), names))
            both = by_day.notna() & by_week.notna()
            error = [(history - one).where(both).abs().mean() for one in (by_day, by_week)]
            weekly = tuple(name for name in names if error[1][name] < BETTER * error[0][name])
        for kind, chosen in kinds.items():
            tables[kind] = _table(late.loc[chosen, list(weekly)], slots, days)
        return cls(tables, weekly, min(days, DAYS))

    def unlearnt(self) -> Rhythm:
        """The same choices without the tables: what a series shows of itself, from day to day."""
        blank = {kind: table * np.nan for kind, table in self.tables.items()}
        return Rhythm(blank, self.weekly, 0)

    def expected(self, series: pd.DataFrame) -> pd.DataFrame:
        """The usual value at each step, from earlier days alone; NaN where none is known.

        A feature without a table has what the series shows after a week.
        """
        usual = self._running(series, EVERY)
        if self.weekly and len(series):
            names = [name for name in series if name in self.weekly]
            for kind, chosen in _kinds(pd.DatetimeIndex(series.index)):
                own = self._running(series.loc[chosen, names], kind)
                usual.loc[chosen, names] = own.to_numpy()
        return usual

    def _running(self, series: pd.DataFrame, kind: str) -> pd.DataFrame:
        """The median by slot of the days before, the learnt table before the first of them.

        A few features at a time: days by slots by features are held several times over.
        """
        slots = len(self.tables[kind]) // len(QUANTILES)
        if series.empty:
            return series.astype(float)
        at = _calendar(pd.DatetimeIndex(series.index), slots)
        found = np.empty(series.shape)
        for first in range(0, series.shape[1], TOGETHER):
            block = slice(first, first + TOGETHER)
            found[:, block] = self._medians(series.iloc[:, block], kind, slots, at)
        return pd.DataFrame(found, series.index, series.columns)

    def _medians(
        self, series: pd.DataFrame, kind: str, slots: int, at: tuple[np.ndarray, np.ndarray]
    ) -> np.ndarray:
        """Of a few features; `at` are the day and the slot of each step."""
        (days, slot), wide = at, series.shape[1]
        values = np.full((days[-1] + 1, slots, wide), np.nan)
        values[days, slot] = series.to_numpy(float)
        values[~np.isfinite(values)] = np.nan
        table = self.tables[kind].reindex(columns=series.columns).to_numpy(float)
        spread = table.reshape(len(QUANTILES), slots, wide)[list(QUANTILES)]
        before = spread[np.arange(self.days) % len(QUANTILES)]
        both = np.concatenate([before, values]).reshape(-1, slots * wide)
        window = pd.DataFrame(both).shift(1).rolling(DAYS, min_periods=1)
        told = np.tile(np.isfinite(table).any(axis=0) & (self.days > 0), slots)
        median = window.median().where(told | (window.count() >= LEAST_DAYS))
        cube = _smooth(median.to_numpy()[self.days :].reshape(values.shape))
        usual: np.ndarray = cube[days, slot]
        return usual

    def with_unknown(self, name: str) -> Rhythm:
        """The same with one feature more, of which nothing is known."""
        tables = {**self.tables, EVERY: self.tables[EVERY].assign(**{name: np.nan})}
        return Rhythm(tables, self.weekly, self.days)

    def state(self) -> dict[str, Any]:
        """All of it as JSON."""
        tables = {
            kind: {str(name): [_plain(x) for x in table[name]] for name in table}
            for kind, table in self.tables.items()
        }
        rows = len(self.tables[EVERY])
        return {"tables": tables, "weekly": list(self.weekly), "days": self.days, "rows": rows}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Rhythm:
        """The rhythm that `state` describes."""
        rows = range(int(state["rows"]))
        tables = {
            str(kind): pd.DataFrame(table, rows, dtype=float)
            for kind, table in state["tables"].items()
            if all(len(column) == len(rows) for column in table.values())
        }
        if len(tables) != 3:
            raise ValueError("a table of the rhythm is not whole")
        return cls(tables, tuple(map(str, state["weekly"])), int(state["days"]))


def _kinds(index: pd.DatetimeIndex) -> Iterator[tuple[str, np.ndarray]]:
    working = np.asarray(index.day_of_week < WORKING_DAYS)
    yield WORKING, working
    yield WEEKEND, ~working


def _calendar(index: pd.DatetimeIndex, slots: int) -> tuple[np.ndarray, np.ndarray]:
    """Day (the first is 0) and slot of the day of each step."""
    midnight = index.normalize()
    days = ((midnight - midnight[0]) // DAY).to_numpy()
    return days, ((index - midnight) * slots // DAY).to_numpy()


def _table(late: pd.DataFrame, slots: int, days: int) -> pd.DataFrame:
    """Seven quantiles of each slot; of a few days the median of all, since one day is no rhythm."""
    blank = _blank(late, slots)
    if late.empty:
        return blank
    if days < LEAST_DAYS:
        return _short(blank.fillna(late.median()))
    _, slot = _calendar(pd.DatetimeIndex(late.index), slots)
    shares = (np.arange(len(QUANTILES)) + 0.5) / len(QUANTILES)
    groups = late.groupby(slot)
    parts = [groups.quantile(share).reindex(range(slots)) for share in shares]
    return _short(pd.concat(parts, ignore_index=True).fillna(late.median()))


def _blank(like: pd.DataFrame, slots: int) -> pd.DataFrame:
    return pd.DataFrame(np.nan, range(len(QUANTILES) * slots), like.columns)


def _smooth(cube: np.ndarray) -> np.ndarray:
    """Means over the slots beside, around midnight too; (days, slots, features), NaN left out."""
    beside = int(BESIDE * cube.shape[1] / DAY)
    known = np.isfinite(cube)
    total, weight = (
        sum(np.roll(part, shift, axis=1) for shift in range(-beside, beside + 1))
        for part in (np.where(known, cube, 0.0), known.astype(float))
    )
    mean: np.ndarray = np.divide(total, weight, out=np.full(cube.shape, np.nan), where=weight > 0)
    return mean


def _plain(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _short(table: pd.DataFrame) -> pd.DataFrame:
    """To six digits, as it is saved: what was learnt and what is loaded again give the same."""
    return table.map(lambda value: float(f"{value:.6g}")).astype(float)
