"""What is to be done with each feature, and the words for it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from mods.features.selection.dependence import Relation
from mods.features.selection.information import Information
from mods.features.selection.intermittency import Intermittency
from mods.features.selection.memory import DAY, WEEK, Memory
from mods.features.selection.predictability import Predictability
from mods.features.selection.stationarity import Stationarity
from mods.window import Window

KEEP, WEAK, SPARSE, DROP = "keep", "weak", "sparse", "drop"
VERDICTS = (KEEP, WEAK, SPARSE, DROP)
STRONG, CLEAR = 0.5, 0.25
PREDICTABLE, SOMEWHAT = 0.8, 0.95
TELLING = 0.15
MOST_PARTLY = 0.05
NEARLY_ALL = 0.99


@dataclass(frozen=True, eq=False)
class Measures:
    """All that was measured of one feature that varies."""

    intermittency: Intermittency
    memory: Memory
    stationarity: Stationarity
    information: Information | None
    predictability: Predictability
    longer: int | None = None

    @property
    def parts(self) -> dict[str, float]:
        """What the score is the mean of, each 0 to 1."""
        rhythm = max(self.memory.memory or 0.0, self.memory.strength or 0.0)
        return {
            "predictable": self.predictability.skill or 0.0,
            "information": self.information.share if self.information else 0.0,
            "memory": max(0.0, rhythm),
        }

    @property
    def score(self) -> float:
        """How much the feature's past tells about its next window: 0 to 1."""
        parts = self.parts.values()
        return sum(parts) / len(parts)

    @property
    def telling(self) -> bool:
        """Whether its past tells anything beyond chance."""
        informs = self.information is not None and self.information.share >= TELLING
        return informs or self.memory.period is not None or self.remembers(CLEAR)

    def remembers(self, least: float) -> bool:
        """Whether its memory is no chance, and at least so large."""
        size = self.memory.memory
        return size is not None and size >= max(least, self.memory.bound)


@dataclass(frozen=True, eq=False)
class Assessed:
    """One feature: `verdict` is keep, weak, sparse or drop, `reasons` say why, `score` is 0 to 1.

    known:  share of the steps at which it has a value
    measures:  None where there was nothing to measure (constant, hardly ever known)
    relation:  what it follows from, where it is dropped for that
    vif:  variance inflation factor beside the features kept
    """

    name: str
    verdict: str
    reasons: tuple[str, ...]
    known: float
    score: float = 0.0
    measures: Measures | None = None
    relation: Relation | None = None
    vif: float | None = None

    @property
    def why(self) -> str:
        """The reasons in one line."""
        return "; ".join(self.reasons)

    def record(self) -> dict[str, Any]:
        """The verdict and every figure as a program reads them; None for what is not known."""
        like = self.relation
        found: dict[str, Any] = {
            "feature": self.name,
            "verdict": self.verdict,
            "why": self.why,
            "score": self.score,
            "known": self.known,
            "follows_from": list(like.names) if like else [],
            "correlation": like.correlation if like else None,
            "vif": self.vif,
            **(_figures(self.measures) if self.measures else {}),
        }
        return {name: _plain(value) for name, value in found.items()}


def _figures(m: Measures) -> dict[str, Any]:
    return {
        "zeros": m.intermittency.zeros,
        "adi": m.intermittency.adi,
        "cv2": m.intermittency.cv2,
        "demand": m.intermittency.kind or None,
        "memory": m.memory.memory,
        "rhythm": m.memory.period,
        "rhythm_strength": m.memory.strength,
        "adf_p_value": m.stationarity.level,
        "adf_p_value_of_changes": m.stationarity.change,
        "bits": m.information.bits if m.information else None,
        "bits_by_chance": m.information.chance if m.information else None,
        "seasonal_over_persistence": m.predictability.relative,
        "skill": m.predictability.skill,
    }


def _plain(value: Any) -> Any:
    if isinstance(value, float | np.floating):
        return round(float(value), 6) if math.isfinite(value) else None
    return value


def unmeasured(values: np.ndarray, least: int) -> str | None:
    """Why a column cannot be measured, in words; None where it can."""
    known = values[~np.isnan(values)]
    if not known.size:
        return "no value at all"
    if known.size < least:
        return f"only {known.size} of {len(values)} steps have a value"
    if (known == known[0]).all():
        return f"constant: {known[0]:g} everywhere"
    return None


def reasons(m: Measures, window: Window) -> tuple[str, ...]:
    """Why a feature is kept, weak or sparse, in words."""
    said = [_sparse(m, window), _rhythm(m, window), _predictable(m), _level(m)]
    if not any(said):
        said = [_informs(m)]
    return tuple(one for one in said if one)


def same(found: Relation) -> str:
    """What a dropped feature follows from, in words."""
    if found.correlation is not None:
        turned = "mirror image" if found.correlation < 0 else "duplicate"
        return f"{turned} of {found.names[0]} (r={three(found.correlation)})"
    names = " and ".join(filter(None, (", ".join(found.names[:-1]), found.names[-1])))
    return f"follows from {names} (R2={three(found.explained)})"


def three(share: float) -> str:
    """Three digits of a share, never rounded up to one.

    >>> three(0.9976), three(-0.99996), three(1.0), three(0.25)
    ('.998', '-.999', '1', '.250')
    """
    if abs(share) > 1 - 1e-9:
        return f"{share:.0f}"
    cut = math.copysign(min(abs(share), 0.999), share)
    return f"{cut:.3f}".replace("0.", ".", 1)


def _sparse(m: Measures, window: Window) -> str:
    found = m.intermittency
    if not found.sparse:
        return ""
    zeros = "nearly all" if found.zeros >= NEARLY_ALL else f"{found.zeros:.0%} of the"
    said = f"zero in {zeros} windows ({found.kind})"
    if m.longer is None:
        return f"{said}: count it over days, or watch for any at all"
    return f"{said}: a window of {hours(m.longer * window.length)} holds some 9 times of 10"


def _rhythm(m: Measures, window: Window) -> str:
    memory = m.memory
    if memory.period is None or memory.strength is None:
        if not m.remembers(CLEAR):
            return ""
        size = "long" if m.remembers(STRONG) else "short"
        return f"no rhythm, but a {size} memory (r={three(memory.memory or 0)} a window later)"
    size = "strong" if memory.strength >= STRONG else "clear"
    seconds = memory.period * window.slide
    near = {DAY: "daily", WEEK: "weekly", 3_600: "hourly"}
    named = next((w for s, w in near.items() if abs(seconds - s) <= MOST_PARTLY * s), "")
    return f"{size} {named or hours(seconds)} rhythm ({memory.period} slides)"


def _predictable(m: Measures) -> str:
    relative = m.predictability.relative
    if relative is None or not m.telling:
        return ""
    if relative <= PREDICTABLE:
        return f"predictable (seasonal error {relative:.2f} of persistence)"
    if relative <= SOMEWHAT:
        return f"somewhat predictable (seasonal error {relative:.2f} of persistence)"
    return "" if m.memory.period is None else "yet seasonal forecasts gain nothing on persistence"


def _informs(m: Measures) -> str:
    if m.telling and m.information is not None:
        return f"tells {m.information.bits:.2f} bits about its next window"
    return "its past tells nothing about its next window: a threshold does as well"


def _level(m: Measures) -> str:
    found = m.stationarity
    if not found.wanders or found.level is None or not m.remembers(STRONG):
        return ""
    return f"its level wanders (ADF p={found.level:.2f}): forecast its change (model_delta)"


def hours(seconds: float) -> str:
    """A time as people say it.

    >>> hours(5400), hours(21600), hours(259200), hours(90)
    ('1.5 h', '6 h', '3 days', '1.5 min')
    """
    for size, unit in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size or (seconds >= size and unit != "days"):
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 3_600:.3g} h" if seconds >= 3_600 else f"{seconds:.3g} s"
