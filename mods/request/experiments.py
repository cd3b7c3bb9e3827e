"""Requests that train a model many times: a backtest with refits, a search for settings."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from mods import duration, paths
from mods.errors import UsageError
from mods.request.models import PredictRequest
from mods.request.shared import Request, time_range, time_ranges_excluded
from mods.settings import setting

OWN = 0.0  # the budget that stands for a detector's own threshold


@dataclass(frozen=True)
class BacktestRequest(PredictRequest):
    """Which model is tried on which period, and whether it is trained anew on the way."""

    refit: str | None = setting(
        None,
        "Also train it anew every so often, as in 7d, on what was known by then.",
        parse=partial(duration.parse, where="refit"),
        rest=False,
    )
    refit_span: str | None = setting(
        None,
        "Refit on the last stretch of this length alone, as in 60d. Default: on all there is.",
        parse=partial(duration.parse, where="refit_span"),
        rest=False,
    )
    picture: str | None = setting(
        None, "Draw the error over time here: a .png or .svg file.", rest=False
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.refit_span is not None and self.refit is None:
            raise UsageError(
                "is of no use without --refit", where="refit_span", fix="Say how often: --refit 7d"
            )


@dataclass(frozen=True)
class EvaluationRequest(Request):
    """Which detector is tried on which calm period, with which anomalies put into it."""

    model_name: str | None = setting(
        None, "Name of the model whose detector is tried.", parse=paths.model, rest=False
    )
    time_range: str | None = time_range("Put anomalies into these windows", rest=False)
    time_ranges_excluded: tuple[str, ...] = time_ranges_excluded(rest=False)
    budgets: tuple[float, ...] = setting(
        (1.0, 2.0, 7.0),
        "Alarms a week on the clean data.",
        low=0.01,
        high=1_000.0,
        separator=",",
        rest=False,
    )
    magnitudes: tuple[float, ...] = setting(
        (0.25, 0.5, 1.0, 2.0),
        "Sizes of the anomalies, times the median window of a feature.",
        low=0.01,
        high=100.0,
        separator=",",
        rest=False,
    )
    repetitions: int = setting(
        6, "Series with anomalies, per magnitude.", low=1, high=1_000, rest=False
    )
    seed: int = setting(0, "Another seed, other anomalies.", low=0, high=2**31 - 1, rest=False)
    picture: str | None = setting(None, "Draw what is found here: a .png or .svg file.", rest=False)


@dataclass(frozen=True)
class TuneRequest(Request):
    """Which settings to search, on which periods, and for how long."""

    trials: int = setting(
        30,
        "Trials the study has in the end, earlier ones counted.",
        low=1,
        high=100_000,
        rest=False,
    )
    timeout: str | None = setting(
        None,
        "Begin no trial after so long, as in 30m or 8h; the one that runs is finished.",
        parse=partial(duration.parse, where="timeout"),
        rest=False,
    )
    study: str | None = setting(
        None,
        "SQLite file that keeps the trials; one that is there is gone on with. Default:"
        " checkpoints/tune.db.",
        rest=False,
    )
    search: tuple[str, ...] = setting(
        (),
        "Settings to search, as in blocks,learning_rate or model_type. Default: all that shape and"
        " train the network and are not given.",
        separator=",",
        rest=False,
    )
    train: str | None = setting(
        None,
        "Train and save the best under this name, when the search is over.",
        parse=paths.model,
        rest=False,
    )
    output: str | None = setting(
        None, "Folder for pictures of the search and a table of its trials.", rest=False
    )
    train_time_range: str | None = time_range("Search on these windows", rest=False)
    train_time_ranges_excluded: tuple[str, ...] = time_ranges_excluded(rest=False)
    test_time_range: str | None = time_range("Leave these windows for the test", rest=False)
    test_time_ranges_excluded: tuple[str, ...] = time_ranges_excluded(rest=False)
