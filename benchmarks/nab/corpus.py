"""The corpus: a checkout of https://github.com/numenta/NAB, or one .npz file packed from it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd


@dataclass(frozen=True, eq=False)
class Labelled:
    """One file: its rows in order, and the labelled windows as (first row, last row)."""

    name: str
    times: pd.DatetimeIndex
    values: np.ndarray
    windows: tuple[tuple[int, int], ...]

    def __len__(self) -> int:
        return len(self.values)

    @property
    def probation(self) -> int:
        """Rows that are not scored: 15 % of the file, 750 at most."""
        return int(min(0.15 * len(self), 750))


def load(path: str | Path) -> list[Labelled]:
    """All files of a checkout of NAB or of a pack, sorted by name.

    A pack holds names, lens, ts (seconds since the epoch), vals and wins (file, first, last row).
    """
    place = Path(path)
    return _checkout(place) if place.is_dir() else _pack(place)


def half(corpus: Sequence[Labelled], which: str) -> list[Labelled]:
    """Every other file: `a` to tune on (the first, the third, ...), `b` the rest."""
    return list(corpus[0 if which == "a" else 1 :: 2])


def _checkout(place: Path) -> list[Labelled]:
    labels = json.loads((place / "labels" / "combined_windows.json").read_text())
    return [_file(place / "data" / name, name, labels[name]) for name in sorted(labels)]


def _file(path: Path, name: str, windows: list[list[str]]) -> Labelled:
    table = pd.read_csv(path)
    times = pd.DatetimeIndex(pd.to_datetime(table["timestamp"], utc=True)).as_unit("s")
    moments = times.tz_localize(None)
    # a stamp that comes again means its first row
    rows = [
        tuple(int(np.argmax(moments == pd.Timestamp(end).floor("s"))) for end in window)
        for window in windows
    ]
    return Labelled(name, times, table["value"].to_numpy(float), tuple((a, b) for a, b in rows))


def _pack(path: Path) -> list[Labelled]:
    with np.load(path) as pack:
        names, lengths, windows = pack["names"], pack["lens"], pack["wins"]
        seconds, values = pack["ts"], pack["vals"]
    ends = np.cumsum(lengths)
    found = []
    for place, (name, end, length) in enumerate(zip(names, ends, lengths, strict=True)):
        rows = slice(end - length, end)
        times = pd.DatetimeIndex(pd.to_datetime(seconds[rows], unit="s", utc=True))
        mine = tuple((int(a), int(b)) for file, a, b in windows if file == place)
        found.append(Labelled(str(name), times, values[rows].astype(float), mine))
    return sorted(found, key=lambda one: one.name)
