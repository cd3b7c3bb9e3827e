"""Selecting features: which of a series are worth forecasting and watching, and why."""

from mods.features.selection.assess import Selection, assess
from mods.features.selection.verdicts import Assessed

__all__ = ["Assessed", "Selection", "assess"]
