"""A model of many series and an entity it never saw: what comes later is not known earlier."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mods.models.forecaster import Forecaster
from mods.tests.models.conftest import SMALL, learnable

ENTITIES = {"a": 1.0, "b": 4.0, "new": 20.0}
CLOSE = {"rtol": 1e-4}  # rows of another batch are summed in another order


@pytest.fixture(scope="module")
def three():
    """Three entities with the same rhythm, each of its own size and noise."""
    parts = []
    for number, (name, size) in enumerate(ENTITIES.items()):
        one = learnable(600, seed=number)
        parts.append((one * size).add_prefix(f"{name}|"))
    table = pd.concat(parts, axis=1)
    table.attrs = {"window": "w30m-s10m"}
    return table


def of(table, *names):
    chosen = table[[column for column in table if column.split("|")[0] in names]]
    chosen.attrs = dict(table.attrs)
    return chosen


@pytest.fixture(scope="module")
def model(three):
    """Trained on two of them."""
    settings = {**SMALL, "model_type": "MLP", "entities": ("a", "b"), "num_epochs": 8}
    return Forecaster(**settings).fit(of(three, "a", "b").iloc[:500])


def changed(table, begin):
    scrambled = table.copy()
    noise = np.random.default_rng(0).gamma(1.0, 1e5, scrambled.iloc[begin:].shape)
    scrambled.iloc[begin:] = noise
    return scrambled


@pytest.mark.parametrize("origins", [slice(None), slice(3, 60), slice(160, None)])
def test_the_future_of_a_new_entity_changes_no_earlier_forecast(model, three, origins):
    new = of(three, "new")
    cut = 50 if origins.stop else 200
    asked = [None if origins == slice(None) else new.index[origins]] * 2
    true, other = map(model.backtest, (new, changed(new, cut)), asked)
    early = np.flatnonzero(true.origins < new.index[cut])
    assert true.origins.equals(other.origins) and len(early) > 30
    assert np.isfinite(true.values[early]).all()
    assert np.allclose(true.values[early], other.values[early], **CLOSE)
    for level in (80, 95):
        assert np.allclose(true.upper[level][early], other.upper[level][early], **CLOSE)


def test_without_origins_a_new_entity_is_forecast_once_its_scale_is_known(model, three):
    holed = of(three, "b", "new").copy()
    holed.loc[holed.index[:100], "new|conn_in"] = np.nan
    assert model.backtest(of(three, "b")).origins[0] == three.index[0]
    assert model.backtest(of(three, "b", "new")).origins[0] == three.index[143]
    assert model.backtest(holed).origins[0] == three.index[243]
    short = of(three, "new").iloc[:90]
    assert model.backtest(short).origins.equals(short.index)


def test_few_values_of_a_new_entity_borrow_the_scale_of_its_kind(model, three):
    new = of(three, "new")
    begin = np.flatnonzero(np.arange(len(new)) >= 2)
    forecast = model.backtest(new, new.index[begin[:-3]])
    missed = np.abs(forecast.actual(new) - forecast.values).mean()
    now = new.to_numpy()[begin[:-3], None]
    assert missed < 0.8 * np.abs(forecast.actual(new) - now).mean()


def test_how_large_a_new_entity_moves_is_told_by_its_past_alone(model, three):
    told, other = (model.strangers(one, three.index[200]) for one in (three, changed(three, 201)))
    assert told == other and set(told) == {"new|conn_in", "new|ssh_in"}
    assert told["new|conn_in"]["a|conn_in"] == pytest.approx(20, rel=0.2)
    assert model.strangers(changed(three, 144), three.index[0]) == model.strangers(
        three, three.index[0]
    )
    assert model.ready(three)["new|ssh_in"] == three.index[143]
    assert pd.isna(model.ready(three.iloc[:143])["new|ssh_in"])


def test_an_update_scales_a_new_entity_on_its_training_part(model, three):
    train, validation = three.iloc[:400], three.iloc[403:]
    wild = validation.copy()
    wild["new|conn_in"] *= 3
    scales = [
        model.update(train, one, num_epochs=1).parts().state["transform"]["scale"]
        for one in (validation, wild)
    ]
    assert scales[0] == scales[1] and len(scales[0]) == 6


def test_remembering_some_entities_forgets_no_other(model, three):
    before = model.parts().state
    kept = Forecaster.from_parts(model.parts()).remember(of(three, "b", "new"))
    after = kept.parts().state
    assert all(after[name] == before[name] for name in ("features", "transform", "spread", "trust"))
    tail = kept._trained.tail
    assert tail.index[-1] == three.index[-1]
    assert tail.loc[three.index[400], "a|conn_in"] == three["a|conn_in"].iloc[400]
    assert np.isnan(tail["a|conn_in"].iloc[-1])
    late = of(three, "new").iloc[-40:]
    assert np.isfinite(kept.forecast(late).values).all()
