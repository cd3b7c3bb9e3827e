"""Many series: a model of several entities, as it is for a series with other ones.

The network knows kinds of features, not whose they are, and everything in units of each series'
own scale. So a new series is forecast without training: its scale comes from its own history.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pandas as pd

from mods.config import Config
from mods.errors import SeriesError
from mods.models import inputs
from mods.models.trained import Trained
from mods.series import transforms
from mods.series.transforms import Transform

ENOUGH = 144


def of(trained: Trained, series: pd.DataFrame, config: Config, until: pd.Timestamp) -> Trained:
    """The model for the features that this series has; a model of one series as it is.

    until:  the scale of a new feature comes from its values up to here, and as far as these are
        fewer than 144 from the features of its kind
    Raises SeriesError for a feature of a kind that the model does not know, or without a value.
    """
    if not config.entities:
        return trained
    features = inputs.features(series, config)
    if features == trained.features:
        return trained
    place = {name: number for number, name in enumerate(trained.features)}
    fresh = {name: _learnt(trained, series[name], until) for name in features if name not in place}
    parts = [fresh[name] if name in fresh else place[name] for name in features]
    transform = _joined(trained.transform, parts)
    spread = [_spread(trained, name, place, fresh) for name in features]
    return dataclasses.replace(
        trained,
        features=features,
        transform=transform,
        spread=np.stack(spread, axis=2),
        trust=np.array([_trust(trained, name, place) for name in features]),
    )


def ready(trained: Trained, series: pd.DataFrame) -> dict[str, pd.Timestamp]:
    """The first step by which 144 values of each new feature are known; NaT where they never are.

    series: the features alone
    """
    known = series[[name for name in series if name not in trained.features]].notna()
    enough = known & known.cumsum().eq(ENOUGH)
    return {name: series.index.where(enough[name]).min() for name in map(str, known)}


def _learnt(trained: Trained, column: pd.Series, until: pd.Timestamp) -> Transform:
    """Scale, centre and sign of a feature that training never saw."""
    trained.inputs.kind(str(column.name))
    known = column[np.isfinite(column)]
    if known.empty:
        raise SeriesError(
            "has no value to learn a scale from",
            where=column.name,
            fix="Leave this entity out, or give more of its history",
        )
    early, mine = known[known.index <= until], trained.transform
    alike = _usual(trained, str(column.name), early)
    if len(early) < 2:
        return alike
    values = column.loc[: early.index[-1]].to_numpy(float)[:, None]
    own = transforms.fit(values, panes=mine.panes, delta=mine.delta)
    if len(early) >= ENOUGH:
        return own
    share = (len(early) - 1) / ENOUGH
    scale = share * own.scale[0] + (1 - share) * alike.scale[0]
    return dataclasses.replace(alike, scale=(scale,), centre=own.centre)


def _usual(trained: Trained, name: str, early: pd.Series) -> Transform:
    """What is usual of the kind: as large a change beside its median as others have, or as large.

    No forecast is kept above 0 unless no feature of the kind was ever below.
    """
    known, same = trained.transform, _alike(trained, name)
    scale, centre, far = (np.asarray(one)[same] for one in (known.scale, known.centre, known.far))
    level = abs(float(early.median())) if len(early) else 0.0
    moving = centre != 0
    if level and moving.any():
        size = level * float(np.median(scale[moving] / np.abs(centre[moving])))
    else:
        size = float(np.median(scale))
    positive = bool(np.asarray(known.never_negative)[same].all() and not (early < 0).any())
    return dataclasses.replace(
        known,
        scale=(size,),
        centre=(float(np.median(centre)),),
        far=(float(np.median(far)),),
        never_negative=(positive,),
    )


def _alike(trained: Trained, name: str) -> np.ndarray:
    """Which features of the training are of the same kind: mask (features,)."""
    kind = trained.inputs.kind(name)
    return np.array([trained.inputs.kind(other) == kind for other in trained.features])


def _joined(known: Transform, parts: list[Transform | int]) -> Transform:
    """The transform with one column per part: the number of a known one, or a new one's own."""
    columns = [(known, part) if isinstance(part, int) else (part, 0) for part in parts]
    names = ("scale", "centre", "far", "never_negative")
    changed: dict[str, Any] = {
        name: tuple(getattr(one, name)[at] for one, at in columns) for name in names
    }
    return dataclasses.replace(known, **changed)


def _spread(
    trained: Trained, name: str, place: dict[str, int], fresh: dict[str, Transform]
) -> np.ndarray:
    """(levels, leads): of a new feature that of its kind, in units of the scale, the median."""
    if name in place:
        return trained.spread[:, :, place[name]]
    same = _alike(trained, name)
    relative = trained.spread[:, :, same] / np.asarray(trained.transform.scale)[same]
    return np.asarray(np.median(relative, axis=2) * fresh[name].scale[0])


def strangers(
    trained: Trained, series: pd.DataFrame, until: pd.Timestamp
) -> dict[str, dict[str, float]]:
    """The features of a series (these alone) that training never saw.

    By name the features of their kind that it saw, and how many times as large as each they move,
    up to `until` or the step at which they are `ready`, if that is later.
    """
    scales = dict(zip(trained.features, trained.transform.scale, strict=True))
    found = {}
    for name, since in ready(trained, series).items():
        late = until if pd.isna(since) else max(until, since)
        size = _learnt(trained, series[name], late).scale[0]
        alike = np.array(trained.features)[_alike(trained, name)].tolist()
        found[name] = {one: size / scales[one] for one in alike}
    return found


def _trust(trained: Trained, name: str, place: dict[str, int]) -> float:
    """Of a new feature that of its kind, the median."""
    if name in place:
        return float(trained.trust[place[name]])
    return float(np.median(trained.trust[_alike(trained, name)]))
