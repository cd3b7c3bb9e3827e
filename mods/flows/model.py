"""Model: a saved forecaster with its detector, loaded by name."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from mods.anomaly.detector import Detector
from mods.anomaly.limits import Limits
from mods.config import Config
from mods.errors import ModelError, SettingError
from mods.flows import saved
from mods.flows import source as sources
from mods.models import catalogue
from mods.models.forecaster import Forecaster
from mods.request import Source
from mods.series import entities


@dataclass(frozen=True, eq=False)
class Model:
    """What lies in one model file, and where it came from."""

    name: str
    path: Path
    forecaster: Forecaster
    detector: Detector | None
    limits: Limits = field(default_factory=Limits)
    sha256: str = ""

    @classmethod
    def load(cls, name: str, folder: str | None = None) -> Model:
        """The model of that name; ModelNotFoundError names those that there are."""
        path = catalogue.find(name, folder)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return cls(name, path, *saved.whole(path), digest)

    @property
    def config(self) -> Config:
        """The settings that made the model."""
        return self.forecaster.config

    def asked(self, names: Collection[str]) -> Config:
        """The settings with these entities; without names those that it was trained on.

        Raises SettingError for entities of a model of one series.
        """
        if names and not self.config.entities:
            raise SettingError(
                "the model is of one series",
                where="entities",
                fix="Train one of many with mods train --entities all",
            )
        if not self.config.entities:
            return self.config
        known = entities.names(self.forecaster.features)
        return dataclasses.replace(self.config, entities=tuple(names) or known)

    def informed(
        self, series: pd.DataFrame, source: Source, config: Config, times: pd.DatetimeIndex
    ) -> pd.DataFrame:
        """The series with what leaves its windows, where the model learnt from that.

        As far back as forecasts and alarms at `times` look.
        """
        reach = self.forecaster.panes_back()
        if not reach or not len(times):
            return series
        warm = 0 if self.detector is None else self.detector.forecast_reach
        first = times[0] - (warm + config.steps_ahead + reach) * self.forecaster.step
        return sources.leaving(series, source, config, (first, times[-1]))

    def watchful(self) -> Detector:
        """The detector; ModelError where the model was saved without one."""
        if self.detector is None:
            raise ModelError(
                "was saved without a detector", where=self.name, fix="Train it with mods train"
            )
        return self.detector

    def watching(self, series: pd.DataFrame, begin: pd.Timestamp) -> Detector:
        """The detector for this series from `begin` on.

        Of an entity it never saw it expects what is usual, by the size of its changes before, or
        of its first 144 values, which are not judged.
        """
        detector = self.watchful()
        before = begin - self.forecaster.step
        for name, others in self.forecaster.strangers(series, before).items():
            detector = detector.alike(name, others)
        return detector

    def identity(self) -> dict[str, Any]:
        """Which model answered."""
        return {
            "name": self.name,
            "model_type": self.config.model_type,
            "features": list(self.forecaster.features),
            "window_slide": str(self.forecaster.window),
            "sequence_len": self.config.sequence_len,
            "steps_ahead": self.config.steps_ahead,
            "sha256": self.sha256,
        }
