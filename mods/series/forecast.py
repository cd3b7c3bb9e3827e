"""Forecast: what is expected at each lead after each origin, with intervals."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

LEVELS = (80, 95)


@dataclass(frozen=True, eq=False)
class Forecast:
    """Forecasts from n origins over leads 1..k, in the features' own units.

    values:  float64 of shape (n, k, features), NaN where there is none
    lower, upper:  per level in percent (80, 95) an array of the same shape
    quantiles:  the same for each quantile (0.1, ...) that was asked for
    """

    origins: pd.DatetimeIndex
    features: tuple[str, ...]
    step: pd.Timedelta
    values: np.ndarray
    lower: dict[int, np.ndarray] = field(default_factory=dict)
    upper: dict[int, np.ndarray] = field(default_factory=dict)
    quantiles: dict[float, np.ndarray] = field(default_factory=dict)

    @property
    def leads(self) -> np.ndarray:
        """1..k"""
        return np.arange(1, self.values.shape[1] + 1)

    def at(self, chosen: np.ndarray | slice) -> Forecast:
        """The forecasts from some of the origins (positions, mask or slice)."""
        return Forecast(
            self.origins[chosen],
            self.features,
            self.step,
            self.values[chosen],
            lower={level: bound[chosen] for level, bound in self.lower.items()},
            upper={level: bound[chosen] for level, bound in self.upper.items()},
            quantiles={one: values[chosen] for one, values in self.quantiles.items()},
        )

    def actual(self, series: pd.DataFrame) -> np.ndarray:
        """What came true: array like `values`, NaN where the series has no value (yet)."""
        wanted = series.loc[:, list(self.features)]
        columns = [
            wanted.reindex(self.origins + lead * self.step).to_numpy(float) for lead in self.leads
        ]
        return np.stack(columns, axis=1) if columns else np.empty_like(self.values)

    def reaching(self, times: pd.DatetimeIndex) -> np.ndarray:
        """Boolean (n, k): whether the target of an origin and lead is one of the times."""
        return np.stack(
            [(self.origins + lead * self.step).isin(times) for lead in self.leads], axis=1
        )

    def frame(self) -> pd.DataFrame:
        """Index (origin, lead), one column per feature."""
        index = pd.MultiIndex.from_product([self.origins, self.leads], names=["origin", "lead"])
        return pd.DataFrame(self.values.reshape(len(index), -1), index, list(self.features))

    def table(
        self, counted: np.ndarray | None = None, called: pd.DatetimeIndex | None = None
    ) -> pd.DataFrame:
        """One row per origin, lead and feature: the columns of the contract, ready for a CSV.

        counted: boolean (n, k), the origins and leads to keep; None keeps all
        called: what to call the origins, where the data have stamps of their own
        """
        shape = self.values.shape
        names = iso(self.origins if called is None else called)
        columns = {
            "origin": np.repeat(np.asarray(names, dtype=object), shape[1] * shape[2]),
            "lead": np.tile(np.repeat(self.leads, shape[2]), shape[0]),
            "feature": np.tile(np.asarray(self.features, dtype=object), shape[0] * shape[1]),
            "forecast": self.values.ravel(),
        }
        for level in self.lower:
            columns[f"lower_{level}"] = self.lower[level].ravel()
            columns[f"upper_{level}"] = self.upper[level].ravel()
        for quantile, values in self.quantiles.items():
            columns[f"quantile_{quantile:g}"] = values.ravel()
        table = pd.DataFrame(columns)
        return table if counted is None else table[np.repeat(counted.ravel(), shape[2])]


def iso(times: pd.DatetimeIndex) -> list[str]:
    """The times in ISO 8601 UTC, with fractions of a second only where there are any.

    >>> iso(pd.to_datetime(["2019-06-01T00:10Z", "2019-06-01T00:10:00.5Z"], format="ISO8601"))
    ['2019-06-01T00:10:00Z', '2019-06-01T00:10:00.500000Z']
    """
    return [f"{time:%Y-%m-%dT%H:%M:%S.%fZ}".replace(".000000Z", "Z") for time in times]
