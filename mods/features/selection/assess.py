"""Assess: a series -> its features ranked, with the reasons in words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from mods.errors import SeriesError
from mods.features.selection import (
    choice,
    dependence,
    extra,
    information,
    intermittency,
    memory,
    predictability,
    stationarity,
    verdicts,
)
from mods.features.selection.verdicts import DROP, KEEP, SPARSE, VERDICTS, WEAK, Assessed, Measures
from mods.progress import shown
from mods.series import contract
from mods.window import Window

LEAST = 30
TOP = 12


@dataclass(frozen=True, eq=False)
class Selection:
    """The features of a series, the best first.

    correlation:  table of the features that vary (weaker of Pearson's and Spearman's)
    groups:  features of which each pair correlates by .95 or more
    rank:  how many features are linearly independent; None where too few steps know all
    directions:  how many principal components hold 90 % of their spread
    across:  bits that the row's present tells about the column's next window, for the top features
    """

    features: tuple[Assessed, ...]
    window: Window
    steps: int
    gaps: int
    correlation: pd.DataFrame
    groups: list[list[str]]
    rank: int | None
    directions: int | None
    across: pd.DataFrame

    def of(self, verdict: str) -> list[Assessed]:
        """The features with this verdict, the best first."""
        return [one for one in self.features if one.verdict == verdict]

    @property
    def top(self) -> list[Assessed]:
        """The first twelve features that are worth a picture."""
        return [one for one in self.features if one.measures and one.verdict != DROP][:TOP]

    def record(self) -> dict[str, Any]:
        """Everything as a program reads it."""
        return {
            "window": str(self.window),
            "steps": self.steps,
            "gaps": self.gaps,
            "lead": self.window.panes,
            **{verdict: len(self.of(verdict)) for verdict in VERDICTS},
            "rank": self.rank,
            "directions_90": self.directions,
            "groups": self.groups,
            "features": [one.record() for one in self.features],
        }


def assess(series: pd.DataFrame) -> Selection:
    """Rank the features of a series for forecasting and for finding anomalies.

    Gaps are never filled: each measure uses the steps known to all columns it compares, or the
    longest stretch without a gap. Raises SeriesError for fewer than 30 steps, ResourceError
    without the extra `features`.
    """
    series = contract.check(series)
    if len(series) < LEAST:
        raise SeriesError(
            f"{len(series)} steps are too few to rank features",
            where="series",
            fix=f"Give at least {LEAST}, better two weeks",
        )
    extra.stattools()  # say at once if it is missing
    with threadpool_limits(1):  # many small sums: threads would only wait for each other
        return _assess(series)


def _assess(series: pd.DataFrame) -> Selection:
    window = contract.window(series)
    said = {str(n): verdicts.unmeasured(series[n].to_numpy(), LEAST) for n in series.columns}
    varying = series[[name for name in series.columns if said[str(name)] is None]]
    measured = _measure_all(varying, window)
    table = dependence.correlation(varying)
    judged = _judge(varying, measured, table, window)
    hopeless = [
        Assessed(name, DROP, (why,), float(series[name].notna().mean()))
        for name, why in said.items()
        if why is not None
    ]
    features = tuple(sorted([*judged, *hopeless], key=_place))
    size = dependence.dimensions(choice.mostly_known(varying))
    chosen = Selection(
        features=features,
        window=window,
        steps=len(series),
        gaps=int(series.isna().all(axis=1).sum()),
        correlation=table,
        groups=dependence.groups(table, choice.ALIKE),
        rank=size[0] if size else None,
        directions=size[1] if size else None,
        across=pd.DataFrame(),
    )
    names = [one.name for one in chosen.top]
    return replace(chosen, across=information.across(varying, names, window.panes))


def _measure_all(series: pd.DataFrame, window: Window) -> dict[str, Measures]:
    measured = {}
    with shown("measure features", series.shape[1], "features") as progress:
        for name in series.columns:
            measured[str(name)] = _measure(series[[name]], window)
            progress.advance(1, str(name))
    return measured


def _measure(column: pd.DataFrame, window: Window) -> Measures:
    values, panes = column.iloc[:, 0].to_numpy(float), window.panes
    remembered = memory.measure(values, panes, window.slide)
    sparse = intermittency.measure(values)
    return Measures(
        intermittency=sparse,
        memory=remembered,
        stationarity=stationarity.measure(values, panes, remembered.period),
        information=information.measure(values, panes),
        predictability=predictability.measure(column, remembered.period),
        longer=intermittency.longer(values, panes) if sparse.sparse else None,
    )


def _judge(
    series: pd.DataFrame, measured: dict[str, Measures], table: pd.DataFrame, window: Window
) -> list[Assessed]:
    """A verdict on each feature that varies; of those that say the same one is kept."""
    alone = {name: _alone(one) for name, one in measured.items()}
    scores = {name: (VERDICTS.index(alone[name]), -one.score) for name, one in measured.items()}
    relations = choice.relations(series, table, scores)
    factors = choice.inflation(series, relations)
    found = []
    for name, one in measured.items():
        relation = relations.get(name)
        said = verdicts.reasons(one, window) if relation is None else (verdicts.same(relation),)
        found.append(
            Assessed(
                name=name,
                verdict=alone[name] if relation is None else DROP,
                reasons=said,
                known=float(series[name].notna().mean()),
                score=one.score,
                measures=one,
                relation=relation,
                vif=factors.get(name),
            )
        )
    return found


def _alone(one: Measures) -> str:
    """The verdict on a feature that no other is like."""
    if one.intermittency.sparse:
        return SPARSE
    return KEEP if one.telling else WEAK


def _place(one: Assessed) -> tuple[int, float]:
    return VERDICTS.index(one.verdict), -np.round(one.score, 9)
