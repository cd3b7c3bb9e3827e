"""Requests about models: train, predict, what is saved, the demo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mods import paths
from mods.config import DEFAULT_QUERY, model_type, window_slide
from mods.errors import UsageError
from mods.limit import Limit
from mods.query import Query
from mods.request.shared import Request, Shelf, time_range, time_ranges_excluded
from mods.settings import setting
from mods.timerange import TimeRange


def limits(text: str) -> Any:
    """The setting of the limits on features, wherever they may be given."""
    return setting((), text, parse=Limit.parse)


@dataclass(frozen=True)
class ModelsRequest(Shelf):
    """What to do with the saved models."""

    action: str = setting(
        "list",
        "What to do: list all; show, delete or export one.",
        choices=lambda: ("list", "show", "delete", "export"),
        rest=False,
    )
    model_name: str | None = setting(None, "Name of the model.", parse=paths.model)


@dataclass(frozen=True)
class TrainRequest(Request):
    """Which model to train on which periods."""

    model_name: str = setting(..., "Name of the model.", parse=paths.model)
    train_time_range: str | None = time_range("Train on these windows")
    train_time_ranges_excluded: tuple[str, ...] = time_ranges_excluded()
    test_time_range: str | None = time_range("Evaluate on these windows")
    test_time_ranges_excluded: tuple[str, ...] = time_ranges_excluded()
    calm_time_range: str | None = setting(
        None,
        "Learn the alarm threshold on these windows. Default: the validation part.",
        parse=TimeRange.parse,
    )
    alarms_per_week: float = setting(1.0, "Alarms a calm week may bring.", low=0.01, high=1_000.0)
    limits: tuple[str, ...] = limits(
        "Keep limits with the model, to be warned before a forecast crosses one: what has to hold,"
        " as in conn_in<50000;ssh_in>2."
    )
    fresh: bool = setting(
        False, "Start anew, even where the same training was killed and could go on."
    )
    init_from: str | None = setting(
        None,
        "Go on from this saved model: its features, scale and network stay, it learns on.",
        parse=paths.model,
    )
    tensorboard: str | None = setting(
        None, "Write logs for TensorBoard into this folder.", rest=False
    )
    picture: str | None = setting(
        None, "Draw the learning curves here: a .png or .svg file.", rest=False
    )

    background: bool = setting(
        False, "Return at once: the training goes on by itself, see mods jobs.", rest=False
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.train_time_range is None or self.test_time_range is None:
            return
        train, test = TimeRange.parse(self.train_time_range), TimeRange.parse(self.test_time_range)
        if train.overlaps(test):
            raise UsageError(
                f"the train range {train} and the test range {test} overlap",
                where="test_time_range",
                fix="Give ranges that do not share a moment",
            )


@dataclass(frozen=True)
class PredictRequest(Request):
    """Which model is asked, about which period."""

    model_name: str = setting(
        ...,
        "Name of a saved model, as `mods models` or the metadata of the service list them.",
        parse=paths.model,
    )
    time_range: str | None = time_range(
        "Only windows that start in this range; the service forecasts from each of them and says"
        " how good that was (without a range: from the last known window)"
    )
    time_ranges_excluded: tuple[str, ...] = time_ranges_excluded()
    entities: tuple[str, ...] = setting(
        (),
        "Of a model of many series: these entities, or all that the data have, new ones too."
        " Default: those that it was trained on.",
        separator=",",
    )
    batch_size: int = setting(
        4_096,
        "Samples computed at once: fewer take less memory, the answer is the same.",
        low=1,
        high=1_000_000,
    )
    quantiles: tuple[float, ...] = setting(
        (), "Quantiles to forecast too, as in 0.1,0.5,0.9.", low=0.001, high=0.999, separator=","
    )


@dataclass(frozen=True)
class ForecastRequest(PredictRequest):
    """Which model is asked for a forecast, and when it warns that a limit will be crossed."""

    limits: tuple[str, ...] = limits(
        "Warn before these limits are crossed: what has to hold, as in conn_in<50000;ssh_in>2. They"
        " stand in for those of the model on the same side of a feature; conn_in<inf lifts one."
    )
    limit_probability: float = setting(
        0.5, "Warn where a limit is crossed with this probability.", low=0.01, high=0.99
    )


@dataclass(frozen=True)
class OnlineRequest(Request):
    """Whether to detect without a model, learning as it goes, and how."""

    online: bool = setting(False, "Learn as it goes: no model, no look ahead.", rest=False)
    probation: float = setting(
        0.15,
        "Online: rows to learn from before the first score, as a share (750 at most) or a number.",
        low=0.0,
        high=1_000_000,
        rest=False,
    )
    alarms_per_week: float = setting(
        1.0, "Online: alarms a calm week may bring.", low=0.01, high=1_000.0, rest=False
    )
    data_select_query: str = setting(
        DEFAULT_QUERY,
        "Online: features of the datapool. A CSV or Parquet file ignores it.",
        parse=Query.parse,
        rest=False,
    )
    window_slide: str = window_slide(rest=False)


@dataclass(frozen=True)
class DemoRequest(Request):
    """How much synthetic traffic to make, and where to put what comes of it."""

    output: str | None = setting(None, "Folder for the demo. Default: data/demo.")
    days: int = setting(14, "Days of traffic.", low=7, high=90)
    seed: int = setting(0, "Another seed, other traffic.", low=0, high=2**31 - 1)
    model_type: str = model_type()
