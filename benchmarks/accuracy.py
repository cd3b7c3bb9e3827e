"""Every network on a period it has not seen, beside persistence and beside its head alone.

    python -m benchmarks.accuracy --pool DIR --train '<2019-01,2019-03>' --test '<2019-04,2019-04>'
    python -m benchmarks.accuracy --pool DIR --train ... --test ... --types LSTM --sets blocks=64

Prints a Markdown table, made for docs/architectures.md: MAE relative to persistence, mean of the
features, at leads 1, 3, 6, 12 and over all; the share of targets inside the intervals; seconds of
training; and how much worse the same head is over a vector of zeros, which is what the network
earns. Settings are the defaults, with 12 steps ahead.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pandas as pd

from mods import architectures
from mods.config import Config
from mods.features.datapool import Datapool
from mods.flows import backtest
from mods.models import inputs, preparation
from mods.models.forecaster import Forecaster
from mods.models.network import room
from mods.series import contract, figures, metrics, splits, transforms
from mods.timerange import TimeRange

LEADS = ("1", "3", "6", "12")
GOAL = 0.70


@dataclass(frozen=True)
class Score:
    """relative: MAE over that of persistence by lead and as `mean`; cover: percent by level."""

    relative: dict[str, float]
    cover: dict[int, float]
    seconds: float


@dataclass(frozen=True, eq=False)
class Task:
    """A series, what to train on and the steps to be judged on."""

    series: pd.DataFrame
    parts: splits.Parts

    @classmethod
    def read(cls, options: argparse.Namespace) -> Task:
        """Cut the pool's default features at the ranges, as `mods train` would."""
        config = Config()
        series = Datapool(options.pool, config.window).select(config.query)
        train, test = (TimeRange.parse(text) for text in (options.train, options.test))
        return cls(series, splits.parts(series, train=train, test=test))

    def channels(self, config: Config) -> int:
        """How many numbers a step of the past has for the network."""
        window, learning = contract.window(self.series), self.parts.train
        features = inputs.features(learning, config)
        values = learning.loc[:, list(features)].to_numpy(float)
        transform = transforms.fit(values, panes=window.panes)
        given = inputs.fit(learning, features, config, window)
        return preparation.sizes(transform, given, 2, config.steps_ahead).channels

    def score(self, config: Config) -> Score:
        """Train and backtest."""
        began = time.monotonic()
        forecaster = Forecaster(config).fit(self.parts.train, self.parts.validation)
        seconds = time.monotonic() - began
        times = pd.DatetimeIndex(self.parts.test.index)
        forecast, counted = backtest.over(forecaster, self.series, times)
        found = metrics.evaluate(forecast, self.series, counted=counted)
        told = figures.summary(found)
        relative = {**told["leads"], "mean": told["mean"]}
        cover = {level: 100 * told[f"cover_{level}"] for level in (80, 95)}
        return Score(relative, cover, seconds)


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, score and print one network after the other."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    options = _options(given)
    task, heads = Task.read(options), {}
    _head(given)
    for name in options.types or architectures.names():
        config = Config(model_type=name, steps_ahead=12, **dict(options.sets))
        print(_line(name, task.score(config), _alone(task, config, heads)), flush=True)


def _alone(task: Task, config: Config, known: dict[str, Score]) -> Score:
    """The score of the head over zeros; trained once for all networks of one shape."""
    room("build")
    from benchmarks import head_alone

    shape = head_alone.shape(config, task.channels(config))
    name = head_alone.register(shape)
    if name not in known:
        settings = {**vars(config), "model_type": name}
        known[name] = task.score(Config(**settings))
    return known[name]


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy")
    parser.add_argument("--pool", required=True, help="a datapool")
    parser.add_argument("--train", required=True, help="as in <2019-01,2019-03>")
    parser.add_argument("--test", required=True, help="as in <2019-04,2019-04>")
    parser.add_argument("--types", type=lambda text: text.split(","), help="as in LSTM,TCN")
    parser.add_argument("--sets", type=_sets, default=[], help="as in blocks=64,dropout_rate=0")
    return parser.parse_args(arguments)


def _sets(text: str) -> list[tuple[str, str]]:
    pairs = (part.partition("=") for part in text.split(","))
    return [(name, value) for name, _, value in pairs]


def _head(given: Sequence[str]) -> None:
    command = " ".join(f"'{one}'" if "<" in one else one for one in given)
    print(f"{datetime.now(UTC):%Y-%m-%d}: `python -m benchmarks.accuracy {command}`\n")
    heads = ["model_type", *LEADS, "mean", "cover 80", "cover 95", "s", "head alone", "margin", ""]
    print(f"| {' | '.join(heads)} |\n| {' | '.join(['---'] * len(heads))} |")


def _line(name: str, score: Score, alone: Score) -> str:
    mean, zeroed = score.relative["mean"], alone.relative["mean"]
    met = "" if mean < GOAL and mean < zeroed else "**no**"
    cells = [f"`{name}`", *(f"{score.relative[lead]:.3f}" for lead in (*LEADS, "mean"))]
    cells += [f"{score.cover[level]:.1f}" for level in (80, 95)]
    cells += [f"{score.seconds:.0f}", f"{zeroed:.3f}", f"{zeroed - mean:+.3f}", met]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
