"""Questions: what a trained model can be asked about a series, beside its forecasts.

Which of its columns are features of the model, which are of entities that training never saw and
what these are like, and from when on forecasts of it rest on enough.
"""

from __future__ import annotations

import pandas as pd

from mods.config import Config
from mods.errors import ModelError
from mods.models import forecasting, history, many, recall
from mods.models.trained import Trained
from mods.window import Window


class Questions:
    """What a forecaster answers of a series from what it learnt; ModelError before it is fitted."""

    config: Config
    _model: Trained | None

    @property
    def features(self) -> tuple[str, ...]:
        """The features it forecasts, in order."""
        return self._trained.features

    @property
    def step(self) -> pd.Timedelta:
        """The time between two steps."""
        return self._trained.step

    @property
    def window(self) -> Window:
        """The window its series was made with; one step where there was none."""
        return self._trained.window

    @property
    def _trained(self) -> Trained:
        if self._model is None:
            raise ModelError("is not trained yet", where="forecaster", fix="Call fit(series) first")
        return self._model

    def panes_back(self) -> int:
        """How many steps before an origin what leaves windows counts; 0 where it is no input."""
        model, length = self._trained, self.config.sequence_len
        return forecasting.reach(model, length) if model.inputs.slides else 0

    def features_of(self, series: pd.DataFrame) -> pd.DataFrame:
        """The columns of a series that it forecasts, without what is only an input."""
        model, told = self._of(series)
        return told.loc[:, list(model.features)]

    def strangers(self, series: pd.DataFrame, until: pd.Timestamp) -> dict[str, dict[str, float]]:
        """The features of a series that training never saw, by name.

        With the features of their kind that it saw, and how many times as large as each they move,
        as told by the values up to `until`, or by the first 144.
        """
        return many.strangers(self._trained, self.features_of(series), until)

    def ready(self, series: pd.DataFrame) -> dict[str, pd.Timestamp]:
        """From when on 144 values of each such feature are known; NaT where they never are."""
        return many.ready(self._trained, self.features_of(series))

    def check_ahead(self, series: pd.DataFrame, origins: pd.DatetimeIndex) -> None:
        """Raise SeriesError where a column known in advance is not known for a step to forecast."""
        known = self._trained.inputs.known
        known.check(
            series, [origins + lead * self.step for lead in range(1, self.config.steps_ahead + 1)]
        )

    def joined(self, series: pd.DataFrame) -> pd.DataFrame:
        """The series with the history the model keeps in front, where the two follow each other."""
        model, told = self._of(series)
        whole = recall.joined(model, told, self.config.sequence_len, series.index[-1])
        return whole.loc[:, list(model.features)]

    def settled(self, series: pd.DataFrame) -> pd.Timestamp:
        """The first step of which forecasts rest on a whole input and one period of the rhythm."""
        whole = self.joined(series)
        rhythm = max(self._trained.transform.periods, default=0)
        return pd.Timestamp(whole.index[0] + (self.config.sequence_len + rhythm) * self.step)

    def _of(
        self, series: pd.DataFrame, until: pd.Timestamp | None = None
    ) -> tuple[Trained, pd.DataFrame]:
        """The model as it is for this series, and the columns of it that matter, checked."""
        history.same_origin(series, self._trained.origin)
        last = series.index.max() if until is None else until
        model = many.of(self._trained, series, self.config, last)
        columns = (*model.features, *model.inputs.columns(series, model.features))
        told = history.checked(series, columns, self.step, self.window)
        return model, told
