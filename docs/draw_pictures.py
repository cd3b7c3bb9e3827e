"""Draw the pictures of the README from a demo: python docs/draw_pictures.py [data/demo]."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from mods.atomic import replacing
from mods.flows.backtest import backtest
from mods.flows.detect import detect
from mods.flows.model import Model
from mods.request import PredictRequest, Source
from mods.visualization import alarms, plots

IMAGES = Path(__file__).parent / "images"


def main(folder: Path) -> None:
    """Write forecast.png and anomalies.png of the demo's test part."""
    source = Source(data=str(folder / "datapool"), models=str(folder / "models"))
    first, last = Model.load("demo", source.models).forecaster.metrics["periods"]["test"]
    begin = pd.Timestamp(first) - pd.Timedelta("1h")
    asked = PredictRequest(model_name="demo", time_range=f"<{begin.isoformat()},{last}>")
    tested, detection = backtest(asked, source), detect(asked, source)
    drawn = {
        "forecast": plots.forecast_band(tested.forecast, tested.series, origin=200),
        "anomalies": alarms.anomalies_on_series(
            detection.series, detection.found, detection.events
        ),
    }
    for name, figure in drawn.items():
        with replacing(IMAGES / f"{name}.png") as draft:
            draft.write_bytes(plots.png(figure))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "data/demo"))
