"""Why an event is one: what was expected and why, how far off it is, and who is behind it."""

from __future__ import annotations

from mods.anomaly.explanation.measure import Measure
from mods.anomaly.explanation.reasons import Reason
from mods.anomaly.explanation.who import Difference

__all__ = ["Difference", "Measure", "Reason"]
