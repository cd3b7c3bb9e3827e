"""The score everybody asks for first: error beside persistence, by feature and lead."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from mods.series import figures, metrics
from mods.visualization import text

MEANING = "MAE relative to persistence (same as now): below 1 is better than persistence"
WIDEST = 12
LANDMARKS = (1, 2, 3, 6, 12, 24, 36, 48, 72, 144, 288, 1008)

Evaluation = pd.DataFrame | Iterable[Mapping[str, Any]]


def shown(leads: list[int]) -> list[int]:
    """All leads where they fit a line, else landmarks among them and the last.

    >>> shown([1, 2, 3])
    [1, 2, 3]
    >>> shown(list(range(1, 31)))
    [1, 2, 3, 6, 12, 24, 30]
    """
    if len(leads) <= WIDEST:
        return leads
    return [lead for lead in leads if lead in LANDMARKS or lead == leads[-1]]


def pivot(evaluation: Evaluation) -> pd.DataFrame:
    """One row per feature in its order and `mean` last; one column per lead and their `mean`."""
    frame = _frame(evaluation)[["feature", "lead", "rel_mae"]].astype({"rel_mae": float})
    table = frame.pivot_table(index="feature", columns="lead", values="rel_mae", sort=False)
    table = table.reindex(pd.unique(frame["feature"]))
    table = table[sorted(table.columns)]
    table["mean"] = table.mean(axis=1)
    if len(table) > 1:
        table.loc["mean"] = table.mean()
    return table


def rows(evaluation: Evaluation) -> list[dict[str, Any]]:
    """The pivot as rows ready to print: `feature`, the leads that fit, `mean` over all leads.

    Below stands the mean over the features of each baseline the evaluation tells of; persistence
    itself, which is 1 everywhere, is what all are relative to.
    """
    table = pivot(evaluation)
    below = {f"({spoken(name)})": pivot(one).iloc[-1] for name, one in beside(evaluation).items()}
    leads = [int(lead) for lead in table.columns[:-1]]
    return [
        {
            "feature": feature,
            **{str(lead): line[lead] for lead in shown(leads)},
            "mean": line["mean"],
        }
        for feature, line in [*table.iterrows(), *below.items()]
    ]


def beside(evaluation: Evaluation) -> dict[str, pd.DataFrame]:
    """The baselines other than persistence, each as an evaluation of its own."""
    frame = _frame(evaluation)
    if "persistence_mae" not in frame:
        return {}
    errors = [c for c in map(str, frame) if c.endswith(metrics.ERROR)]
    found = figures.relative(frame.astype(dict.fromkeys(errors, float)))
    return {name: one for name, one in found.items() if name != "persistence"}


def spoken(name: str) -> str:
    """The name of a baseline as people read it.

    >>> spoken("slot_median_change")
    'slot median change'
    """
    return name.replace("_", " ")


def _frame(evaluation: Evaluation) -> pd.DataFrame:
    return evaluation if isinstance(evaluation, pd.DataFrame) else pd.DataFrame(list(evaluation))


def score(value: Any) -> str:
    """A relative error with three digits, so that a column of them lines up; text as it is.

    >>> score(1.0), score(float("nan")), score("conn_in")
    ('1.000', '-', 'conn_in')
    """
    if not text.is_number(value):
        return text.cell(value)
    return f"{value:.3f}" if math.isfinite(value) else "-"
