"""Saving a forecaster together with its detector, and loading both again."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

from mods.anomaly.detector import Detector
from mods.anomaly.limits import Limits
from mods.models import artifact
from mods.models.forecaster import Forecaster


def save(
    path: str | os.PathLike[str],
    forecaster: Forecaster,
    detector: Detector | None = None,
    limits: Limits | None = None,
) -> Path:
    """Write a model file, whole or not at all; an existing one is replaced.

    Raises ModelError for a forecaster that was never fitted, ResourceError where the disk fails.
    """
    parts = forecaster.parts()
    if detector is not None:
        state = {**parts.state, "detector": detector.state()}
        parts = dataclasses.replace(parts, state=state)
    if limits is not None:
        parts = dataclasses.replace(parts, state={**parts.state, "limits": limits.state()})
    artifact.write(Path(path), parts)
    return Path(path)


def load(path: str | os.PathLike[str]) -> tuple[Forecaster, Detector | None]:
    """The forecaster and, where one was saved with it, the detector.

    Raises ModelNotFoundError, or CorruptModelError for a file that is not whole.
    """
    forecaster, detector, _ = whole(path)
    return forecaster, detector


def whole(path: str | os.PathLike[str]) -> tuple[Forecaster, Detector | None, Limits]:
    """The same, and the limits that were saved with them."""
    parts = artifact.read(Path(path))
    state, limits = parts.state.get("detector"), parts.state.get("limits")
    return (
        Forecaster.from_parts(parts),
        None if state is None else Detector.from_state(state),
        Limits() if limits is None else Limits.from_state(limits),
    )
