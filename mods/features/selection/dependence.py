"""Linear dependence: which columns say the same, and which follow from a few others.

Every correlation is the weaker of Pearson's and Spearman's (0 where their signs differ), so that
neither one burst in common nor a mere common order makes two columns alike.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.cluster import hierarchy
from scipy.spatial.distance import squareform

LEAST = 30
TERMS = 3
USUAL = 0.95
EXPLAINED = 0.99
MOST_VIF, TINY = 1e6, 1e-9


@dataclass(frozen=True)
class Relation:
    """What a column follows from: the names, and the share of its variation they explain.

    `correlation` has its sign where there is one name, and is None where there are several.
    """

    names: tuple[str, ...]
    explained: float
    correlation: float | None = None


def correlation(series: pd.DataFrame) -> pd.DataFrame:
    """Correlation of each pair of columns over the steps at which both are known.

    NaN where fewer than 30 steps are, or one of the two does not vary there.
    """
    alive = series.dropna(how="all")
    with np.errstate(invalid="ignore", divide="ignore"):
        pearson = alive.corr("pearson", min_periods=LEAST).to_numpy()
        spearman = alive.corr("spearman", min_periods=LEAST).to_numpy()
    weaker = np.where(np.abs(pearson) < np.abs(spearman), pearson, spearman)
    weaker = np.where(np.sign(pearson) == np.sign(spearman), weaker, 0.0)
    weaker[np.isnan(pearson) | np.isnan(spearman)] = np.nan
    return pd.DataFrame(np.clip(weaker, -1, 1), series.columns, series.columns)


def order(table: pd.DataFrame) -> list[str]:
    """The columns so that alike ones stand beside each other (average linkage, optimal leaves)."""
    names = [str(name) for name in table.columns]
    if len(names) < 3:
        return names
    links = hierarchy.linkage(_distances(table), "average", optimal_ordering=True)
    return [names[at] for at in hierarchy.leaves_list(links)]


def groups(table: pd.DataFrame, alike: float) -> list[list[str]]:
    """Columns of which each pair correlates by at least `alike` (complete linkage), two or more."""
    names = [str(name) for name in table.columns]
    if len(names) < 2:
        return []
    links = hierarchy.linkage(_distances(table), "complete")
    labels = hierarchy.fcluster(links, 1 - alike + 1e-12, "distance")
    found = [[n for n, label in zip(names, labels, strict=True) if label == one]
             for one in dict.fromkeys(labels)]  # fmt: skip
    return [group for group in found if len(group) > 1]


def _distances(table: pd.DataFrame) -> np.ndarray:
    """1 - |r| of each pair; pairs of which nothing is known are far apart."""
    apart = 1 - np.abs(table.fillna(0.0).to_numpy())
    np.fill_diagonal(apart, 0.0)
    return np.asarray(squareform((apart + apart.T) / 2, checks=False))


def alike(table: pd.DataFrame, name: str, kept: Sequence[str]) -> Relation | None:
    """The kept column that this one correlates with most; None where there is none."""
    with_kept = table.loc[name, list(kept)].dropna()
    if with_kept.empty:
        return None
    other = str(with_kept.abs().idxmax())
    found = float(with_kept.abs().max() * np.sign(with_kept[other]))
    return Relation((other,), found**2, found)


def follows(series: pd.DataFrame, name: str, kept: Sequence[str]) -> Relation | None:
    """The fewest kept columns (two or three) of which this one is a weighted sum; None if none.

    They have to explain 99 % of its variation: one minus the squared ratio of the mean absolute
    residual to the mean absolute deviation, where it lies among its usual 95 %.
    """
    from sklearn.linear_model import orthogonal_mp_gram

    rows = series[[*kept, name]].dropna().to_numpy()
    if len(kept) < 2 or len(rows) < LEAST + len(kept):
        return None
    others, target = _standard(rows[:, :-1]), rows[:, -1]
    target = target - target.mean()
    gram, with_target = others.T @ others, others.T @ target
    for terms in range(2, min(TERMS, len(kept)) + 1):
        with warnings.catch_warnings():
            # it says so where the columns found so far explain everything
            warnings.simplefilter("ignore", RuntimeWarning)
            weights = orthogonal_mp_gram(gram, with_target, n_nonzero_coefs=terms)
        explained = _explained(target, others @ weights)
        if explained >= EXPLAINED:
            names = tuple(kept[int(at)] for at in np.flatnonzero(weights))
            return Relation(names, explained)
    return None


def inflation(series: pd.DataFrame) -> dict[str, float]:
    """The variance inflation factor of each column beside the others: 1 / (1 - R2), at most 1e6.

    From the steps at which all are known; empty where those are too few.
    """
    rows = series.dropna().to_numpy()
    names = [str(name) for name in series.columns]
    if len(rows) < LEAST + len(names):
        return {}
    scaled = _standard(rows)
    table = scaled.T @ scaled / len(rows)
    sizes, directions = np.linalg.eigh(table)
    factors = (directions**2 / np.maximum(sizes, TINY)).sum(axis=1)  # the diagonal of the inverse
    return dict(zip(names, np.clip(factors, 1.0, MOST_VIF).tolist(), strict=True))


def dimensions(series: pd.DataFrame, share: float = 0.9) -> tuple[int, int] | None:
    """How many columns are linearly independent, and how many directions hold 90 % of the spread.

    The directions are those of the principal components of the standardised columns. None where
    too few steps know all columns.
    """
    rows = series.dropna().to_numpy()
    if not series.shape[1] or len(rows) < LEAST + series.shape[1]:
        return None
    sizes = np.linalg.svd(_standard(rows), compute_uv=False)
    spread = np.cumsum(sizes**2) / np.sum(sizes**2)
    return int((sizes > sizes[0] * 1e-6).sum()), int(np.searchsorted(spread, share)) + 1


def _standard(rows: np.ndarray) -> np.ndarray:
    """Columns of mean 0 and deviation 1; one that does not vary here is 0."""
    centred = rows - rows.mean(axis=0)
    size = centred.std(axis=0)
    return np.asarray(np.divide(centred, size, out=np.zeros_like(centred), where=size > 0))


def _explained(target: np.ndarray, told: np.ndarray) -> float:
    """One minus the squared ratio of residual to spread, without the rows of the bursts."""
    away = np.abs(target - np.median(target))
    usual = away <= np.quantile(away, USUAL)
    if not away[usual].any():  # hardly ever another value: then those are what it is about
        usual = np.full(len(target), True)
    spread = away[usual].mean()
    return float(1 - (np.abs(target - told)[usual].mean() / spread) ** 2) if spread > 0 else 0.0
