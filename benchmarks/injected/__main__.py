"""What the trained detector finds of anomalies injected into a real month, at an alarm budget.

python -m benchmarks.injected --inject PATH/inject.py
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

import mods
from benchmarks.injected import detectors
from benchmarks.injected.month import CLEAN, Month, export


def line(month: Month, name: str, scores: dict[str, np.ndarray], budgets: list[float]) -> str:
    """One row of the table: percent found by budget, AUC-PR, each by magnitude."""
    found = [month.found(scores, budget).values() for budget in budgets]
    shares = [" / ".join(f"{100 * share:.0f}" for share in one) for one in found]
    precision = " / ".join(f"{one:.2f}" for one in month.auc_pr(scores).values())
    return f"| {' | '.join([name, *shares, precision])} |"


def table(month: Month, models: Path, training: pd.DataFrame, budgets: list[float]) -> None:
    """Run all, print the rows; then what the trained detector finds of each kind."""
    print(f"| found % | {' | '.join(f'{b:g} a week' for b in budgets)} | AUC-PR |")
    print(f"| --- |{' --- |' * (len(budgets) + 1)}")
    print(line(month, "random", detectors.random(month.runs), budgets), flush=True)
    for name in detectors.SIMPLE:
        scores = {k: detectors.simple(name, path, training) for k, path in month.runs.items()}
        print(line(month, name, scores, budgets), flush=True)
    begin = time.process_time()
    rows = {k: detectors.rows("month", path, models) for k, path in month.runs.items()}
    took = time.process_time() - begin
    scores = {k: table["anomaly_score"].to_numpy(float) for k, table in rows.items()}
    print(line(month, "mods detect", scores, budgets), flush=True)
    for budget in budgets:
        kinds = month.kinds(scores, budget).items()
        told = "; ".join(f"{k} {' / '.join(f'{100 * x:.0f}' for x in v)}" for k, v in kinds)
        print(f"\n{budget:g} a week: {told}")
    speed = sum(map(len, rows.values())) / took
    print(f"\n{speed:,.0f} rows/s, forecasts and reading included")


def reached(month: Month, models: Path, training: Path, budgets: list[float]) -> None:
    """Alarms a week on the clean month at the detector's own threshold."""
    forecaster, _ = mods.load(models / "month.zip")
    for budget in budgets:
        detector = detectors.budgeted(forecaster, training, budget)
        mods.save(models / "budget.zip", forecaster, detector)
        alarms = detectors.rows("budget", month.runs[CLEAN], models)["anomaly"].to_numpy()
        print(
            f"asked for {budget:g} a week: {month.alarms_per_week(alarms):.2f} on the clean month"
        )


def main() -> None:
    """Export, train where no model is given, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--inject", required=True, help="the script that makes and judges the month"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--reps", type=int, default=20)
    parser.add_argument("--mags", default="1,2", help="magnitudes, separated by commas")
    parser.add_argument("--budgets", default="2,7", help="alarms a week, separated by commas")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--steps_ahead", type=int, default=6)
    given = parser.parse_args()
    budgets = [float(one) for one in given.budgets.split(",")]
    with tempfile.TemporaryDirectory() as folder:
        data, models = Path(folder, "data"), Path(folder, "models")
        month = export(given.inject, data, seed=given.seed, reps=given.reps, mags=given.mags)
        training = data / "train.csv"
        detectors.fit(training, models, epochs=given.epochs, steps_ahead=given.steps_ahead)
        table(month, models, detectors.read(training), budgets)
        print()
        reached(month, models, training, sorted({1.0, *budgets}))


if __name__ == "__main__":
    main()
