"""Figures: an evaluation as it is shown, the errors of the baselines beside those of the model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from mods.series.metrics import ERROR

SHOWN_LEADS = (1, 3, 6, 12)


def summary(evaluation: pd.DataFrame) -> dict[str, Any]:
    """The figures to show first, for JSON (None for NaN).

    `mean` is MAE relative to persistence, mean over features and leads; `leads` and `features` hold
    the same by lead (1, 3, 6, 12 where they exist) and by feature; `baselines` holds these three of
    each baseline; the rest are plain means. A feature that never changes has no persistence error
    to be relative to, and is left out.
    """
    kept = [c for c in evaluation.columns if c.startswith(("cover_", "width_"))]
    floor = evaluation["persistence_mae"].where(evaluation["persistence_mae"] > 0)
    beside = {
        name: _figures(evaluation, evaluation[f"{name}{ERROR}"] / floor)
        for name in _baselines(evaluation)
    }
    return {
        **_figures(evaluation, evaluation["rel_mae"]),
        "baselines": beside,
        "targets": int(evaluation["targets"].sum()),
        "missing": int(evaluation["missing"].sum()),
        **{name: _plain(evaluation[name].mean()) for name in ["mods_smape", *kept]},
    }


def relative(evaluation: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """By the name of each baseline `feature`, `lead` and its own `rel_mae`, row for row."""
    floor = evaluation["persistence_mae"].where(evaluation["persistence_mae"] > 0)
    places = evaluation[["feature", "lead"]]
    return {
        name: places.assign(rel_mae=evaluation[f"{name}{ERROR}"] / floor)
        for name in _baselines(evaluation)
    }


def _baselines(evaluation: pd.DataFrame) -> list[str]:
    """The baselines it tells of, persistence first."""
    columns = [c for c in map(str, evaluation) if c.endswith(ERROR) and c != "rel_mae"]
    return [column.removesuffix(ERROR) for column in columns]


def _figures(evaluation: pd.DataFrame, errors: pd.Series) -> dict[str, Any]:
    """Mean error relative to persistence, and the same by lead and by feature."""
    leads = evaluation["lead"].to_numpy()
    which, names = pd.factorize(evaluation["feature"])
    error = errors.to_numpy(float)

    def mean(counted: np.ndarray) -> Any:
        known = error[counted & ~np.isnan(error)]
        return _plain(known.mean()) if known.size else None

    shown = [lead for lead in SHOWN_LEADS if lead in leads]
    return {
        "mean": mean(which >= 0),
        "leads": {str(lead): mean(leads == lead) for lead in shown},
        "features": {name: mean(which == number) for number, name in enumerate(names)},
    }


def rows(evaluation: pd.DataFrame) -> list[dict[str, Any]]:
    """The evaluation as plain values for JSON: one mapping per row, None for NaN."""
    return [
        {str(name): _plain(value) for name, value in row.items()}
        for row in evaluation.to_dict("records")
    ]


def _plain(value: Any) -> Any:
    """A number as JSON knows it."""
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else None
    return int(value) if isinstance(value, np.integer) else value
