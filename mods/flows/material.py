"""Material: the series that a training is about, read and cut into its parts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mods.anomaly.detector import LEAST_STEPS
from mods.config import Config
from mods.errors import SeriesError
from mods.flows import source as sources
from mods.flows.backtest import over
from mods.models.forecaster import Forecaster
from mods.models.prepared import Watch
from mods.request import Source, TrainRequest
from mods.series import contract, figures, inputs, metrics, ranges, splits
from mods.series.forecast import Forecast
from mods.timerange import TimeRange

CALM_STEPS = 3 * LEAST_STEPS
EARLIER_DAYS, EARLIER_STEPS = 182, 30_000
INSIDE = (
    "thresholds were learnt on steps that the network was trained on, and may be too low: "
    "more data, or a --calm_time_range of its own, gives truer ones"
)


@dataclass(frozen=True, eq=False)
class Material:
    """A series cut into its parts as a request says, and what there is to warn of."""

    series: pd.DataFrame
    parts: splits.Parts
    request: TrainRequest
    warnings: tuple[str, ...] = ()

    def uncut(self) -> pd.DataFrame:
        """All that was known up to the end of the validation, without the cut between the parts."""
        whole = self.series.loc[self.parts.train.index[0] : self.parts.validation.index[-1]]
        return ranges.without(whole, self.request.train_time_ranges_excluded)

    def before(self, part: pd.DataFrame) -> pd.DataFrame:
        """The series up to the end of the part, in which the part's own exclusions are gaps.

        Columns that the part does not have, since they are only inputs, come from the series.
        """
        series = self.series
        earlier = series.loc[series.index < part.index[0], part.columns]
        joined: pd.DataFrame = pd.concat([earlier, part])
        joined = joined.join(series[[name for name in series if name not in part]])
        joined.attrs = dict(series.attrs)
        return joined

    def forecast(
        self, forecaster: Forecaster, part: pd.DataFrame
    ) -> tuple[pd.DataFrame, Forecast, np.ndarray]:
        """What `before` gives, the forecasts that reach into the part, and which targets do."""
        seen = self.before(part)
        return seen, *over(forecaster, seen, pd.DatetimeIndex(part.index))

    def earlier(self, forecaster: Forecaster) -> tuple[pd.DataFrame, Forecast]:
        """The end of the training part, and its forecasts: what a detector knows of rhythms from.

        Half a year, or less where steps are short. The network was fitted to it: where it fits too
        well the thresholds on the calm part's residuals are the higher ones.
        """
        train = forecaster.features_of(self.parts.train)
        steps = min(EARLIER_STEPS, EARLIER_DAYS * pd.Timedelta("1D") // forecaster.step)
        part = train.iloc[-int(steps) :]
        _, forecast, _ = self.forecast(forecaster, part)
        return part, forecast

    def validation_error(self, config: Config, watch: Watch) -> float:
        """Error relative to persistence on the validation part, as `train` would tell it.

        Nothing of the test part is looked at. Raises SeriesError where no error can be told.
        """
        parts = self.parts
        forecaster = Forecaster(config).fit(parts.train, parts.validation, watch=watch)
        forecaster.remember(self.uncut())
        seen, forecast, counted = self.forecast(forecaster, parts.validation)
        actual = forecaster.features_of(seen)
        mean = figures.summary(metrics.evaluate(forecast, actual, counted=counted))["mean"]
        if mean is None:
            raise SeriesError(
                "nothing changes in it", where="validation part", fix="Give more data"
            )
        return float(mean)


def gather(
    config: Config, request: TrainRequest, source: Source, step: pd.Timedelta | None = None
) -> Material:
    """The series that a training with these settings is about, cut into its parts.

    It ends with its last step with a value and is without empty features.

    step:  of the model that goes on learning, which a file is read on; else the file's own
    Raises SeriesError or DatapoolError where there is nothing to train on.
    """
    series = sources.series(source, config, step=step)
    _forecastable(series, config)
    if config.true_panes:
        series = sources.leaving(series, source, config)
    series = inputs.trimmed(series, config.known_columns)
    series, warnings = _filled(series, config, request)
    return Material(series, _parts(series, request), request, warnings)


def _forecastable(series: pd.DataFrame, config: Config) -> None:
    """Raise SeriesError where every column is known in advance."""
    if not inputs.features(series, config.known_columns):
        raise SeriesError(
            "no column is left to forecast",
            where="known_columns",
            fix=f"Name some of {', '.join(map(str, series.columns))}, not all",
        )


def calm(material: Material, config: Config) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The range the thresholds are learnt on; a short validation part is lengthened backward.

    With a warning where the network is trained on it too. Raises SeriesError, before any training,
    where even that holds too few values.
    """
    parts, request = _forecast(material.parts, config), material.request
    chosen = parts.calm
    inside = bool(chosen.index.isin(parts.train.index).any())
    if request.calm_time_range is None and _known(chosen) < CALM_STEPS:
        both = contract.regular(pd.concat([parts.train, parts.validation]))
        both.attrs = dict(parts.train.attrs)
        chosen, inside = both.iloc[-CALM_STEPS:], True
    if _known(chosen) < 2 * LEAST_STEPS:
        raise SeriesError(
            f"{_known(chosen)} known steps are too few to learn alarm thresholds on"
            f"{_of_all(material)}",
            where=chosen.attrs.get("source", "calm range"),
            fix=f"Give at least {2 * LEAST_STEPS} known steps beside the test part, "
            "or a --calm_time_range",
        )
    return chosen, (INSIDE,) if inside else ()


def _of_all(material: Material) -> str:
    """How many of the series' steps were kept for the test, where its end was cut off for it."""
    asked, test = material.request, material.parts.test
    if test is None or asked.train_time_range or asked.test_time_range or asked.calm_time_range:
        return ""
    return f": it has {len(material.series)} steps, the last {len(test)} are the test part"


def _filled(
    series: pd.DataFrame, config: Config, request: TrainRequest
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The series without the features that hold no value at all and were not asked for by name."""
    wanted = _range(request.train_time_range)
    learning = series if wanted is None else ranges.held(series, wanted)
    pool = "query" in series.attrs
    named = {one.name for one in config.query.selections} if pool else set()
    columns = inputs.features(series, config.known_columns)
    empty = [c for c in columns if c not in named and not learning[c].notna().any()]
    if empty and len(empty) < len(columns):
        return series.drop(columns=empty), (
            f"left out, since they hold no value: {', '.join(empty)}",
        )
    return series, ()


def _parts(series: pd.DataFrame, request: TrainRequest) -> splits.Parts:
    """Cut the series as the request says, or by the rule of thumb where it says nothing."""
    return splits.parts(
        series,
        train=_range(request.train_time_range),
        test=_range(request.test_time_range),
        train_excluded=[TimeRange.parse(text) for text in request.train_time_ranges_excluded],
        test_excluded=[TimeRange.parse(text) for text in request.test_time_ranges_excluded],
        calm=_range(request.calm_time_range),
    )


def _forecast(parts: splits.Parts, config: Config) -> splits.Parts:
    """The parts without the columns that are only inputs."""
    names = list(inputs.features(parts.train, config.known_columns))
    test = None if parts.test is None else parts.test[names]
    return splits.Parts(parts.train[names], parts.validation[names], parts.calm[names], test)


def _range(text: str | None) -> TimeRange | None:
    return None if text is None else TimeRange.parse(text)


def _known(part: pd.DataFrame) -> int:
    return int(part.notna().any(axis=1).sum())
