"""The picture of an event: its peak is read off, however high."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mods.visualization import event, style


@pytest.mark.parametrize("peak", [0.4, 8.75, 4000.0])
def test_the_score_panel_reaches_the_peak_and_tells_its_height(peak):
    times = pd.date_range("2024-03-12", periods=60, freq="10min", tz="UTC")
    values = pd.Series(np.where(np.arange(60) == 40, peak, 0.3), times)
    seen = event.Seen("conn_in", values, values)
    drawn = event.figure([seen], values.to_frame("surprise"), (times[40], times[41], times[40]))
    panel = drawn.axes[-1]
    (line,) = [one for one in panel.lines if one.get_label() == "surprise"]
    assert max(line.get_ydata()) == peak < panel.get_ylim()[1]
    above = [tick for tick in panel.get_yticks() if peak > 1 and tick > peak / 10]
    assert style.png(drawn) and (above or peak < 1)
