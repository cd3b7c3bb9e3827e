"""Forecaster: fit on a series, forecast the next steps, backtest every origin."""

from __future__ import annotations

import dataclasses
import logging
from typing import Any

import numpy as np
import pandas as pd

from mods import settings
from mods.config import Config
from mods.errors import SeriesError
from mods.models import contributions, forecasting, history, learning, many, recall, runtime
from mods.models.checkpoints import Checkpoint, Run
from mods.models.contributions import Contributions
from mods.models.prepared import Watch
from mods.models.questions import Questions
from mods.models.trained import Parts, Trained, apart, said, together
from mods.series import contract
from mods.series.forecast import Forecast

log = logging.getLogger(__name__)


class Forecaster(Questions):
    """One network for all features of a series, with what it needs to forecast by itself.

    Give a Config, settings by name, or both. `history` is the learning curve (errors over those
    of persistence, by epoch), `metrics` how it did on the validation part; both travel with the
    model. What the series says of its window and query is what the config says after `fit`.
    """

    def __init__(self, config: Config | None = None, **named: Any) -> None:
        settings.known(named, Config)
        self.config = dataclasses.replace(config or Config(), **named)
        self.history: dict[str, list[float]] = {}
        self.metrics: dict[str, Any] = {}
        self.checkpoint: Checkpoint | None = None
        self._model = None

    def __repr__(self) -> str:
        return said(self.config, self._model)

    def fit(
        self,
        train: pd.DataFrame,
        validation: pd.DataFrame | None = None,
        *,
        watch: Watch | None = None,
        run: Run | None = None,
    ) -> Forecaster:
        """Train; without `validation` the last tenth of `train`, a window apart, stops it early.

        watch:  told each epoch done (1, 2, ...) and its validation error over that of persistence;
            what it raises ends the training and leaves the forecaster as it was
        run:  where the training is kept, and resumed from if it was killed
        Raises SeriesError where no sample can be cut, ResourceError without Keras.
        """
        for name in self.config.unread:
            log.warning("%s has no use for %s: left out", self.config.model_type, name)
        known, given = history.finite(contract.check(train)), None
        window = contract.window(train)
        if validation is not None:
            columns = tuple(map(str, known.columns))
            given = history.checked(validation, columns, contract.step(train), window)
        series, parts = learning.cut(known, given, window, self.config)
        named = {"data_select_query": train.attrs.get("query", self.config.data_select_query)}
        config = dataclasses.replace(self.config, window_slide=str(window), **named)
        self._train(config, series, parts, (run or Run()).watched(watch))
        self.config = config
        return self

    def update(
        self,
        train: pd.DataFrame,
        validation: pd.DataFrame | None = None,
        *,
        watch: Watch | None = None,
        run: Run | None = None,
        **named: Any,
    ) -> Forecaster:
        """A forecaster that goes on from this one on newer data; this one stays as it is.

        Network, features, scale and rhythm stay, training begins at these weights with a quarter
        of the config's learning rate, and they are kept where no epoch improves on them.

        named:  settings of the training that change: num_epochs, epochs_patience, batch_size,
            dropout_rate, learning_rate, seed
        Raises SeriesError for a series of other features, steps or windows.
        """
        config, now = learning.onward(self.config, named)
        newer = Forecaster(config)
        given = None if validation is None else self._of(validation)[1]
        cut = learning.cut(self._of(train)[1], given, self.window, self.config)
        series, parts = learning.behind(self._trained, *cut, self.config.sequence_len)
        newer._train(now, series, parts, (run or Run()).watched(watch), self._trained)
        return newer

    def _train(
        self,
        config: Config,
        series: pd.DataFrame,
        parts: tuple[slice, slice],
        run: Run,
        start: Trained | None = None,
    ) -> None:
        self._model, self.checkpoint = learning.trained(config, series, parts, run, start=start)
        self.history, self.metrics = self._model.curve, self._model.metrics

    def remember(self, series: pd.DataFrame) -> Forecaster:
        """Keep the end of this series as the history that shorter input is joined to.

        `fit` keeps the end of what it trained on, in which the cut between its parts is a gap. Of
        features that this series does not have, what is kept of the same steps stays.
        """
        tail = history.renewed(self._trained.tail, self._of(series)[1])
        self._model = dataclasses.replace(self._trained, tail=tail)
        return self

    def forecast(self, series: pd.DataFrame, *, quantiles: tuple[float, ...] = ()) -> Forecast:
        """The path after the last step of the series at which a feature is known."""
        known = self.features_of(series).notna().any(axis=1).to_numpy()
        if not known.any():
            raise SeriesError(f"none of its {len(series)} steps has a value", where="series")
        last = pd.DatetimeIndex(series.index[np.flatnonzero(known)[-1:]])
        self.check_ahead(series, last)
        return self.backtest(series, last, quantiles=quantiles)

    def rehearse(self) -> Forecast:
        """A forecast within what it keeps of its training series: the network answers, or raises.

        As many steps before its end as it forecasts, so that what is known in advance is known.
        """
        kept = self._trained.tail
        ahead = min(self.config.steps_ahead, len(kept) - 1)
        return self.backtest(kept, pd.DatetimeIndex(kept.index[[-1 - ahead]]))

    def backtest(
        self,
        series: pd.DataFrame,
        origins: pd.DatetimeIndex | None = None,
        *,
        batch_size: int = runtime.BATCH,
        quantiles: tuple[float, ...] = (),
    ) -> Forecast:
        """Forecasts from every step of the series with a known value, or from these origins.

        Nothing later than an origin touches its forecast or its intervals. Gaps in older history
        are filled by the last value before, inside the network's input only; a feature without a
        value at the origin has no forecast (NaN), nor has a lead of which a column that is known
        in advance has none. The scale of an entity that training never saw is learnt up to the
        first origin; where none are given, that is the first with 144 values for it. Quantiles
        (0.1, 0.9, ...) come beside the intervals: 0.1 and 0.9 are the ends of the 80 % one, 0.5 is
        the forecast.
        """
        origins = self._origins(series) if origins is None else origins
        model, chosen = self._of(series, origins.min())
        recall.check(model, chosen, origins)
        whole = recall.joined(model, chosen, self.config.sequence_len, origins.max())
        at = whole.index.get_indexer(origins)
        return forecasting.forecasts(
            model,
            whole,
            at,
            self.config.sequence_len,
            batch_size=batch_size,
            quantiles=tuple(sorted(set(quantiles))),
        )

    def contributions(
        self, series: pd.DataFrame, origin: pd.Timestamp, lead: int
    ) -> dict[str, Contributions]:
        """What the forecast from an origin is made of, per feature with a value there."""
        model, chosen = self._of(series, origin)
        past = self.config.sequence_len
        whole = recall.behind(model, chosen, past)
        return contributions.contributions(model, whole, origin, lead, past)

    def _origins(self, series: pd.DataFrame) -> pd.DatetimeIndex:
        told = self.features_of(series)
        known = told.index[told.notna().any(axis=1)]
        late = [one for one in many.ready(self._trained, told).values() if not pd.isna(one)]
        return pd.DatetimeIndex(known[known >= max(late)] if late else known)

    def parts(self) -> Parts:
        """All there is to save; `from_parts` is the way back."""
        return apart(self.config, self._trained, self.metrics)

    @classmethod
    def from_parts(cls, parts: Parts) -> Forecaster:
        """A forecaster from its parts; raises CorruptModelError where they do not fit."""
        config, model = together(parts)
        forecaster = cls(config)
        forecaster._model = model
        forecaster.history, forecaster.metrics = model.curve, model.metrics
        return forecaster
