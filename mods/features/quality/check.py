"""A datapool or a series looked through: what is there, what is odd."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from mods.errors import DatapoolError
from mods.features.datapool import about, places, pool, selection, tables
from mods.features.quality import files, gaps, levels, material, values
from mods.features.quality.finding import SEVERITIES, Finding, ordered
from mods.features.quality.material import COMPLETE, MISSING, PARTLY, SILENT, Material
from mods.window import Window

LOOKS = (
    gaps.missing,
    gaps.partly,
    gaps.zeros,
    values.negative,
    values.impossible,
    values.far,
    values.stuck,
    values.constant,
    levels.shifts,
)
WORDS = {COMPLETE: "complete", SILENT: "silent", PARTLY: "partly missing", MISSING: "missing"}


@dataclass(frozen=True, eq=False)
class Quality:
    """What was found, the worst first; per group and window (by its start) how complete it is."""

    findings: list[Finding]
    states: pd.DataFrame
    window: str | None = None

    @property
    def counts(self) -> dict[str, int]:
        """How many findings of each severity."""
        return {
            one: sum(finding.severity == one for finding in self.findings) for one in SEVERITIES
        }

    def coverage(self) -> list[dict[str, object]]:
        """Per group how many windows are complete, silent, partly missing and missing."""
        rows = []
        for group in self.states:
            told = self.states[group].to_numpy()
            counts = {word: int((told == state).sum()) for state, word in WORDS.items()}
            there = len(told) - counts["missing"]
            rows.append({"data": str(group), "windows": len(told), **counts,
                         "present %": round(100 * there / max(1, len(told)), 2)})  # fmt: skip
        return rows


def of_pool(path: Path, window: str | None = None) -> Quality:
    """Look through a datapool; one day in two places, or a broken file, does not stop it.

    Raises DatapoolError where nothing can be read, or the window is not there.
    """
    found = places.survey(path)
    chosen = pool.chosen(window, sorted({place.window for place in found.places}), path)
    mine = [place for place in found.places if Window.parse(place.window) == chosen]
    contents, broken = places.read(mine)
    loaded, unfit = tables.parse(contents, chosen)
    broken |= unfit
    known = [place for place in mine if place not in broken]
    says = about.read(path)
    unknown = selection.Unknown(known, list(broken), list(found.broken), says.incomplete)
    windows = selection.Windows(loaded, unknown, chosen, says.averages)
    outer = pool.whole(path, chosen)
    windows.around = outer.windows().loaded if outer is not None else []
    if not len(windows.starts()):
        raise next(iter(broken.values()), DatapoolError("holds no windows", where=path))
    columns = {place: tables.columns(contents[place]) for place in known}
    told = [
        *files.unreadable(broken, found.broken),
        *files.incomplete(says.incomplete, chosen),
        *files.twice(found, chosen),
        *files.headers(columns),
        *files.absent(known, unknown),
    ]
    named = dict.fromkeys((place.protocol, name) for place in known for name in columns[place])
    ordered_columns = sorted(named, key=lambda one: one[0])
    return _looked(material.of_windows(windows, ordered_columns), told, str(chosen))


def of_series(series: pd.DataFrame, findings: Iterable[Finding] = ()) -> Quality:
    """Look through a series; further findings, as its file may tell, are taken in."""
    return _looked(material.of_series(series), list(findings), series.attrs.get("window"))


def _looked(cells: Material, findings: list[Finding], window: str | None) -> Quality:
    found = [*findings, *(one for look in LOOKS for one in look(cells))]
    states = pd.DataFrame(
        {group: cells.states(group) for group in cells.groups}, index=cells.starts
    )
    return Quality(ordered(found), states.astype(np.int8), window)
