"""mods: learns the rhythm of a network from its Zeek logs and says where reality departs from it.

    import mods

    pool = mods.Datapool("data/features", window="w01h-s10m")
    series = pool.select("conn|in_count_uid~conn_in|out_count_uid~conn_out;ssh|in~ssh_in")
    train, calm, live = mods.split(series, "2019-05-20", "2019-05-27", window=pool.window)

    forecaster = mods.Forecaster(model_type="LSTM", sequence_len=12, steps_ahead=6).fit(train)
    forecaster.forecast(live)

    detector = mods.Detector(alarms_per_week=1).fit(calm, forecaster.backtest(calm))
    detector.detect(live, forecaster.backtest(live))
    mods.save("models/conn-lstm.zip", forecaster, detector)

The names below are loaded when first used, so that `import mods` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_PLACES = {
    "Config": "mods.config",
    "Datapool": "mods.features.datapool",
    "Detector": "mods.anomaly.detector",
    "Forecast": "mods.series.forecast",
    "Forecaster": "mods.models.forecaster",
    "ModsError": "mods.errors",
    "OnlineDetector": "mods.anomaly.online",
    "Query": "mods.query",
    "TimeRange": "mods.timerange",
    "Window": "mods.window",
    "load": "mods.flows.saved",
    "save": "mods.flows.saved",
    "split": "mods.series.splits",
}
__all__ = sorted(_PLACES)  # noqa: PLE0605 - the table above is the list


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module 'mods' has no attribute {name!r}")
    value = getattr(importlib.import_module(_PLACES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*globals(), *_PLACES]
