"""Detection that learns as it goes: no training, no look ahead, constant memory per feature."""

from __future__ import annotations

from mods.anomaly.online.detector import OnlineDetector, Scored

__all__ = ["OnlineDetector", "Scored"]
