"""Pictures of a ranking of features."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mods.features.selection import Selection, assess
from mods.visualization import selection as pictures
from mods.visualization import style


@pytest.fixture(scope="module")
def chosen() -> Selection:
    rng = np.random.default_rng(0)
    steps = np.arange(7 * 144)
    times = pd.date_range("2024-03-04", periods=len(steps), freq="10min", tz="UTC", name="time")
    rhythm = 100 + 30 * np.sin(2 * np.pi * steps / 36) + rng.normal(size=len(steps))
    series = pd.DataFrame(
        {
            "cost_$x$ <b>": rhythm,
            "copy": 2 * rhythm,
            "noise": rng.normal(size=len(steps)),
            "same": 1.0,
        },
        times,
    )
    series.attrs["window"] = "w01h-s10m"
    return assess(series)


def titles(figure):
    return [axis.get_title(loc="left") for axis in figure.axes if axis.get_visible()]


def test_a_bar_is_as_long_as_the_score(chosen):
    axis = pictures.ranking(chosen).axes[0]
    ends: dict[float, float] = {}
    for bar in axis.patches:
        middle = bar.get_y() + bar.get_height() / 2
        ends[middle] = max(ends.get(middle, 0), bar.get_x() + bar.get_width())
    shown = [one for one in chosen.features if one.measures and one.verdict != "drop"]
    assert [ends[at] for at in sorted(ends)] == pytest.approx([one.score for one in shown])


def test_the_heatmap_holds_what_varies(chosen):
    axis = pictures.heatmap(chosen).axes[0]
    assert len(axis.get_yticklabels()) == 3
    assert axis.images[0].get_array().shape == (3, 3, 4)
    assert axis.images[0].get_array()[0, 0, 3] == 1


def test_a_large_heatmap_says_what_it_leaves_out(chosen, monkeypatch):
    monkeypatch.setattr(pictures, "MOST_CELLS", 2)
    figure = pictures.heatmap(chosen)
    texts = [text.get_text() for text in figure.legends[0].get_texts()]
    assert "1 more are not shown" in texts


def test_lags_of_shared_panes_are_shaded_up_to_the_window_length(chosen):
    figure = pictures.autocorrelations(chosen)
    shaded = figure.axes[0].patches[0]
    assert (shaded.get_x(), shaded.get_width()) == (0, 1)
    assert "shared panes" in [text.get_text() for text in figure.legends[0].get_texts()]
    assert titles(figure) == [style.label(one.name) for one in chosen.top]


def test_partial_autocorrelation_is_drawn_by_window(chosen):
    figure = pictures.partial_autocorrelations(chosen)
    bars = [patch for patch in figure.axes[0].patches if patch.get_width() == pytest.approx(0.6)]
    assert len(bars) == 24


def test_information_is_written_where_it_is_more_than_chance(chosen):
    axis = pictures.information(chosen).axes[0]
    written = [text.get_text() for text in axis.texts]
    assert len(written) == int((chosen.across.to_numpy() > 0).sum())


@pytest.mark.parametrize(
    "draw",
    [
        pictures.ranking,
        pictures.heatmap,
        pictures.autocorrelations,
        pictures.partial_autocorrelations,
        pictures.information,
    ],
)
def test_names_of_strangers_are_drawn_as_they_are(chosen, draw):
    drawn = style.svg(draw(chosen))
    assert drawn.rstrip().endswith("</svg>")
    assert "<b>" not in drawn
