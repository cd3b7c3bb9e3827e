"""Draw the picture of how-the-forecast-works.md: python docs/draw_panes.py."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from mods.atomic import replacing
from mods.models import panes
from mods.series import transforms
from mods.visualization import style

PICTURE = Path(__file__).parent / "images" / "panes.png"
PANES, PERIOD, SHOWN, BURST = 6, 36, 108, 40


def figure() -> Figure:
    """Made-up window sums with a burst, and what arrived in each slide as mods tells it."""
    rng = np.random.default_rng(4)
    steps = np.arange(2_000)
    usual = 300 + 120 * np.maximum(np.sin(2 * np.pi * steps / PERIOD), 0)
    arrivals = usual + 25 * rng.standard_normal(len(steps))
    arrivals[len(steps) - SHOWN + BURST] += 500
    sums = np.convolve(arrivals, np.ones(PANES), "valid")[:, None]
    transform = transforms.fit(sums[:1_500], panes=PANES, day=144)
    found = panes.restored(transform.apply(sums), transform, 1)
    told = found.whole + transform.apply(np.median(sums)) / PANES
    index = pd.date_range("2024-03-04", periods=SHOWN, freq="10min", tz="UTC")
    drawn, axes = style.panels(("window sums: 1 h, every 10 min", "arrivals in each 10 min"), 2.2)
    times = style.times(pd.DatetimeIndex(index))
    axes[0].plot(times, sums[-SHOWN:, 0], color=style.INK, label="what the data hold")
    axes[1].bar(times, arrivals[-SHOWN:], width=0.006, color=style.GRID, label="what arrived")
    restored = told[-SHOWN:, 0] * transform.scale[0]
    axes[1].plot(times, restored, color=style.FORECAST, label="what mods tells of it")
    style.time_axis(axes[1])
    style.legend(drawn, axes)
    return drawn


if __name__ == "__main__":
    with replacing(PICTURE) as draft:
        draft.write_bytes(style.png(figure()))
