"""Whether warnings come true as often as they say: limits crossed, by the probability told before.

python -m benchmarks.warned --pool DIR --train '<2019-01,2019-02>' --test '<2019-03,2019-03>'

Trains the default network, 12 steps ahead, and asks at every window of the test range how likely
each limit is to be crossed within the horizon. Left out are origins that are beyond the limit
already. The limits are quantiles of the training data, on both sides, from what is crossed every
day to what is crossed every fortnight, and the learnt limits by themselves. Printed is a table of
Markdown, made for docs/limits.md, and the Brier score beside that of the plain rate.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from mods.anomaly import crossing
from mods.config import Config
from mods.flows import source as sources
from mods.flows.backtest import over
from mods.flows.model import Model
from mods.flows.train import train
from mods.limit import Limit
from mods.request import Source, TrainRequest
from mods.series import splits
from mods.timerange import TimeRange

SHARES = (0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995)
EDGES = (0.0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


def main() -> None:
    """Train, ask, count, print."""
    given = arguments()
    with tempfile.TemporaryDirectory() as models:
        source = Source(data=given.pool, models=models)
        request = TrainRequest(
            model_name="warned", train_time_range=given.train, test_time_range=given.test
        )
        train(Config(steps_ahead=12, model_type=given.model_type), request, source)
        model = Model.load("warned", models)
    series = sources.series(source, model.config)
    learning = series.loc[splits.inside(series, TimeRange.parse(given.train))]
    forecast, _ = over(model.forecaster, series, splits.inside(series, TimeRange.parse(given.test)))
    asked = {"learnt limits": model.limits.learnt}
    for upper, way in ((True, "above"), (False, "below")):
        asked[f"quantiles, {way}"] = levels(learning[list(forecast.features)], upper=upper)
    for name, limits in asked.items():
        pairs = [chances(model, forecast, series, one) for one in limits]
        told, came = (np.concatenate(parts) for parts in zip(*pairs, strict=True))
        print(f"\n{name}: {len(limits)} limits, {summary(told, came)}\n\n{table(told, came)}")


def arguments() -> argparse.Namespace:
    """The pool, and what to learn and to judge on."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--pool", required=True, help="a datapool")
    parser.add_argument("--train", required=True, help="as in <2019-01,2019-02>")
    parser.add_argument("--test", required=True, help="as in <2019-03,2019-03>")
    parser.add_argument("--model_type", default=Config().model_type)
    return parser.parse_args()


def levels(learning: pd.DataFrame, *, upper: bool) -> list[Limit]:
    """Limits at quantiles of each feature, above or below the middle."""
    shares = SHARES if upper else [1 - share for share in SHARES]
    return [
        Limit(str(name), upper, float(learning[name].quantile(share)))
        for name in learning
        for share in shares
    ]


def chances(
    model: Model, forecast: crossing.Forecast, series: pd.DataFrame, limit: Limit
) -> tuple[np.ndarray, np.ndarray]:
    """The probability told at each origin, and whether it came true, where that is known."""
    panes, told = model.forecaster.window.panes, model.limits.told(limit)
    apart = crossing.alone(forecast, panes, rare=limit in model.limits.learnt)
    chance = crossing.by_lead(forecast, limit, apart, told)[:, -1]
    came = forecast.actual(series)[:, :, forecast.features.index(limit.feature)]
    now = series[limit.feature].reindex(forecast.origins).to_numpy(float)
    counted = np.isfinite(came).all(axis=1) & np.isfinite(now) & ~crossing.beyond(now, limit)
    return chance[counted], crossing.beyond(came[counted], limit).any(axis=1)


def summary(told: np.ndarray, came: np.ndarray) -> str:
    """Brier scores."""
    rate = came.mean()
    return f"Brier score {np.mean((told - came) ** 2):.4f} (plain rate {rate * (1 - rate):.4f})"


def table(told: np.ndarray, came: np.ndarray) -> str:
    """A row per range of probabilities: how many, the mean told, the share that came true."""
    return "\n".join(rows(told, came))


def rows(told: np.ndarray, came: np.ndarray) -> Iterator[str]:
    """The rows of the table."""
    yield line(("probability", "forecasts", "told, mean", "came true"))
    yield line(["---"] * 4)
    for low, high in zip(EDGES, EDGES[1:], strict=False):
        here = (told >= low) & ((told < high) | (high == EDGES[-1]))
        if here.any():
            shown = (f"{told[here].mean():.3f}", f"{came[here].mean():.3f}")
            yield line((f"{low:g} to {high:g}", f"{here.sum():,}", *shown))


def line(cells: Iterable[str]) -> str:
    """A row of Markdown."""
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
