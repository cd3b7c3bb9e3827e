"""Which baselines a model does not beat: said at training, so that none is saved silently."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mods.visualization import leads


def lines(summaries: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """A line for each part on which there are baselines that the network does not beat.

    summaries:  `figures.summary` by the name of the part

    >>> beside = {"persistence": {"mean": 1.0}, "theta": {"mean": 0.8}}
    >>> lines({"test": {"mean": 0.9, "baselines": beside}})
    ['no better than theta (0.800) on the test part: 0.900 times the error of persistence']
    """
    told = {part: (one["mean"], _unbeaten(one)) for part, one in summaries.items()}
    return [
        f"no better than {', '.join(names)} on the {part} part: "
        f"{mean:.3f} times the error of persistence"
        for part, (mean, names) in told.items()
        if names
    ]


def _unbeaten(told: Mapping[str, Any]) -> list[str]:
    """The baselines whose error is no larger than the network's, each with its error."""
    mean = told["mean"]
    means = {name: one["mean"] for name, one in told["baselines"].items()}
    return [
        leads.spoken(name) + ("" if name == "persistence" else f" ({theirs:.3f})")
        for name, theirs in means.items()
        if None not in (mean, theirs) and mean >= theirs
    ]
