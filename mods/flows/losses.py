"""Which baselines a model loses to: said at training, so that no such model is saved silently."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mods.visualization import leads


def lines(summaries: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """A line for each part and each baseline that the network does not beat on it.

    summaries:  `metrics.summary` by the name of the part

    >>> beside = {"persistence": {"mean": 1.0}, "theta": {"mean": 0.8}}
    >>> lines({"test": {"mean": 0.9, "baselines": beside}})
    ['loses to theta on the test part: 0.900 times the error of persistence, theta 0.800']
    """
    return [
        _line(part, told["mean"], name, beside["mean"])
        for part, told in summaries.items()
        for name, beside in told["baselines"].items()
        if None not in (told["mean"], beside["mean"]) and told["mean"] >= beside["mean"]
    ]


def _line(part: str, mean: float, name: str, theirs: float) -> str:
    who = leads.spoken(name)
    text = f"loses to {who} on the {part} part: {mean:.3f} times the error of persistence"
    return text if name == "persistence" else f"{text}, {who} {theirs:.3f}"
