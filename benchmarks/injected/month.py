"""The month with its anomalies, made and judged by a script that is given by its path.

The script exports train.csv, clean.csv, one CSV per magnitude and repetition and events.csv (mag,
rep, kind, start, end), and judges with `evaluate(clean, runs, budgets)`: the threshold is the one
that keeps the budget on the clean month, and an event counts if it alarms where the clean month
does not, within twelve hours. PROB and WEEK are its probation and a week in steps.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd

Span = tuple[str, int, int]
CLEAN = "clean"


@dataclass(frozen=True, eq=False)
class Month:
    """The exported files, and of each run but the clean one its magnitude and its events."""

    judge: ModuleType
    folder: Path
    events: Mapping[str, tuple[float, list[Span]]]

    @property
    def runs(self) -> dict[str, Path]:
        """The clean month first."""
        return {name: self.folder / f"{name}.csv" for name in (CLEAN, *self.events)}

    def alarms_per_week(self, anomaly: np.ndarray) -> float:
        """Alarms raised after the probation."""
        counted = anomaly[self.judge.PROB :]
        return float(counted.sum() / (len(counted) / self.judge.WEEK))

    def found(self, scores: Mapping[str, np.ndarray], budget: float) -> dict[float, float]:
        """Share of the events found at a budget, by magnitude."""
        runs = [(mag, spans, scores[name]) for name, (mag, spans) in self.events.items()]
        ((_, _, delays),) = self.judge.evaluate(scores[CLEAN], runs, (budget,))
        by_mag: dict[float, list[bool]] = {}
        for (mag, _), told in delays.items():
            by_mag.setdefault(mag, []).extend(one is not None for one in told)
        return {mag: float(np.mean(hits)) for mag, hits in sorted(by_mag.items())}

    def kinds(self, scores: Mapping[str, np.ndarray], budget: float) -> dict[str, list[float]]:
        """The same by kind, then magnitude."""
        runs = [(mag, spans, scores[name]) for name, (mag, spans) in self.events.items()]
        ((_, _, delays),) = self.judge.evaluate(scores[CLEAN], runs, (budget,))
        shares: dict[str, list[float]] = {}
        for (_, kind), told in sorted(delays.items()):
            shares.setdefault(kind, []).append(float(np.mean([one is not None for one in told])))
        return shares

    def auc_pr(self, scores: Mapping[str, np.ndarray]) -> dict[float, float]:
        """Average precision of single rows after the probation, by magnitude."""
        found = {}
        for mag in sorted({mag for mag, _ in self.events.values()}):
            names = [name for name, (own, _) in self.events.items() if own == mag]
            labels = []
            for name in names:
                inside = np.zeros(len(scores[name]))
                for _, first, last in self.events[name][1]:
                    inside[first : last + 1] = 1
                labels.append(inside[self.judge.PROB :])
            score = np.concatenate([scores[name][self.judge.PROB :] for name in names])
            label = np.concatenate(labels)[np.argsort(-score, kind="stable")]
            precision = np.cumsum(label) / np.arange(1, len(label) + 1)
            found[mag] = float((precision * label).sum() / label.sum())
        return found


def export(script: str, folder: Path, *, seed: int, reps: int, mags: str) -> Month:
    """Have the script write its files, and read back which events lie where."""
    options = ["--seed", str(seed), "--reps", str(reps), "--mags", mags]
    subprocess.run([sys.executable, script, "export", "--out", str(folder), *options], check=True)
    events: dict[str, tuple[float, list[Span]]] = {}
    for row in pd.read_csv(folder / "events.csv").itertuples():
        _, spans = events.setdefault(f"m{row.mag:g}_r{row.rep}", (float(row.mag), []))
        spans.append((str(row.kind), int(row.start), int(row.end)))
    return Month(_module(script), folder, events)


def _module(script: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location("judge_of_the_month", script)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{script}: is no Python script")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
