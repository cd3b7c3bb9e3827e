"""What it brings to know what leaves each window, instead of guessing it from window sums.

python -m benchmarks.true_panes --pool data/demo/datapool --seeds 3
python -m benchmarks.true_panes --pool POOL --window_slide w10m-s01m --model_type MLP

Trains the same network twice per seed, on the first part of a datapool that keeps panes: once with
them, once on the window sums alone. Both forecast the last quarter, a window apart. Printed is the
MAE relative to persistence, mean over the leads, as a table of Markdown, and beside it what the
model with panes does where the pool has none to tell it (`panes gone`).
"""

from __future__ import annotations

import argparse
import logging

import numpy as np
import pandas as pd

import mods
from mods.config import DEFAULT_QUERY, Config
from mods.errors import InputError
from mods.flows.backtest import over, scores
from mods.models.forecaster import Forecaster
from mods.series import leaving

LEADS = (1, 3, 6, 12)
TEST_SHARE = 0.25


def main() -> None:
    """Read the pool, train, compare, print."""
    given = arguments()
    logging.getLogger("mods").setLevel(logging.ERROR)
    pool = mods.Datapool(given.pool, given.window_slide)
    series = pool.select(given.data_select_query, leaving=given.steps_ahead)
    if not leaving.there(series):
        raise InputError("keeps no panes", where=given.pool, fix="Prepare it without --no_panes")
    config = Config(
        model_type=given.model_type, steps_ahead=given.steps_ahead, sequence_len=given.sequence_len
    )
    rows = [row for seed in range(given.seeds) for row in compared(series, pool, config, seed)]
    print(f"{len(series)} windows of {given.pool}, {given.model_type}, {given.seeds} seeds\n")
    print(text(pd.DataFrame(rows)))


def arguments() -> argparse.Namespace:
    """What to compare, and on what."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--pool", required=True, help="datapool that keeps panes")
    parser.add_argument("--data_select_query", default=DEFAULT_QUERY)
    parser.add_argument("--window_slide", default="w01h-s10m")
    parser.add_argument("--model_type", default=Config().model_type)
    parser.add_argument("--steps_ahead", type=int, default=12)
    parser.add_argument("--sequence_len", type=int, default=Config().sequence_len)
    parser.add_argument("--seeds", type=int, default=3)
    return parser.parse_args()


def compared(
    series: pd.DataFrame, pool: mods.Datapool, config: Config, seed: int
) -> list[dict[str, object]]:
    """One row per way and feature: the error by lead, and its mean."""
    cut = round(len(series) * (1 - TEST_SHARE))
    train, late = series.iloc[: cut - pool.window.panes + 1], pd.DatetimeIndex(series.index[cut:])
    sums = leaving.features(series)
    told = trained(config, train, seed, panes=True)
    ways = {
        "window sums": (trained(config, train, seed, panes=False), sums),
        "true panes": (told, series),
        "panes gone": (told, sums),
    }
    return [
        {"way": way, "feature": feature, **error}
        for way, (forecaster, seen) in ways.items()
        for feature, error in errors(forecaster, seen, late).items()
    ]


def trained(config: Config, train: pd.DataFrame, seed: int, *, panes: bool) -> Forecaster:
    """A model with or without panes."""
    return Forecaster(config, seed=seed, true_panes=panes).fit(train)


def errors(
    forecaster: Forecaster, series: pd.DataFrame, late: pd.DatetimeIndex
) -> dict[str, dict[object, float]]:
    """Per feature the MAE over that of persistence, at some leads and on average."""
    forecast, counted = over(forecaster, series, late)
    table = scores(forecast, series, counted).pivot(
        index="feature", columns="lead", values="rel_mae"
    )
    shown = [lead for lead in LEADS if lead in table]
    found = table[shown].assign(mean=table.mean(axis=1))
    found.loc["mean"] = found.mean()
    return {str(name): row.to_dict() for name, row in found.iterrows()}


def text(rows: pd.DataFrame) -> str:
    """Feature by feature the ways beside each other: the mean over the seeds, by lead."""
    columns = [column for column in rows if column not in ("way", "feature")]
    means = rows.groupby(["feature", "way"], sort=False)[columns].mean()
    names = list(dict.fromkeys(rows["feature"]))
    ways = list(dict.fromkeys(rows["way"]))
    heads = ["feature", *(f"{way}, leads {' / '.join(map(str, columns))}" for way in ways)]
    lines = [heads, ["---"] * len(heads)]
    for name in names:
        cells = [" / ".join(f"{x:.3f}" for x in np.asarray(means.loc[(name, way)])) for way in ways]
        lines.append([name, *cells])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    main()
