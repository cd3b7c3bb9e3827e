"""What is not there: windows without any value, protocols and columns that fall silent."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from mods.features.quality.finding import ERROR, WARNING, Finding, named, runs
from mods.features.quality.material import Material

HARDLY = 0.01
SHORTEST = 3
AGAIN = "Prepare the logs of that time again, or leave it out of training"


def missing(material: Material) -> list[Finding]:
    """Windows in which nothing holds a value at all: they are read as missing."""
    return [
        Finding(
            "missing",
            ERROR,
            "all",
            f"{material.length(first, last)} hold no value at all",
            AGAIN,
            *material.starts[[first, last]],
        )
        for first, last in runs(~material.alive)
    ]


def partly(material: Material) -> list[Finding]:
    """Windows in which others hold values, but a group or column that usually has one has none."""
    silent: dict[tuple[int, int], list[tuple[str, str]]] = defaultdict(list)
    for group, column in material.columns:
        for run in runs(material.absent[group, column].to_numpy()):
            silent[run].append((group, column))
    read_as = "read as 0" if material.sparse else "missing"
    return [
        Finding(
            "partly missing",
            WARNING,
            named(columns),
            f"{material.length(first, last)} without a value, while others have some: {read_as}",
            AGAIN,
            *material.starts[[first, last]],
        )
        for (first, last), columns in silent.items()
    ]


def zeros(material: Material) -> list[Finding]:
    """Runs of written zeros in columns that are hardly ever zero elsewhere."""
    silent: dict[tuple[int, int], list[tuple[str, str]]] = defaultdict(list)
    least = max(SHORTEST, material.panes)
    for group, column in material.columns:
        values = material.values[group, column].to_numpy()
        known = ~np.isnan(values)
        zero = values == 0
        for first, last in runs(zero):
            length = last - first + 1
            elsewhere = (zero.sum() - length) / max(1, known.sum() - length)
            if length >= least and elsewhere <= HARDLY and known.sum() > 2 * length:
                silent[first, last].append((group, column))
    return [
        Finding(
            "zero",
            WARNING,
            named(columns),
            f"0 in {material.length(first, last)} in a row, and hardly ever elsewhere",
            AGAIN,
            *material.starts[[first, last]],
        )
        for (first, last), columns in silent.items()
    ]
