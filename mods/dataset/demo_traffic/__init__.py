"""Synthetic traffic of a small site, written as real Zeek logs, to try mods without a network.

Nothing in it was ever measured. It has what real traffic has: a daily and a weekly rhythm, a job
every six hours, bursts, noise that remembers, and two planted events that a detector should find.
"""

from __future__ import annotations

from mods.dataset.demo_traffic.folder import write
from mods.dataset.demo_traffic.plan import Event, Plan

__all__ = ["Event", "Plan", "write"]
