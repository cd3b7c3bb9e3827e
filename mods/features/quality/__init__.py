"""Data quality: what a datapool or a series lacks, and what in it looks wrong."""

from mods.features.quality.check import WORDS, Quality, of_pool, of_series
from mods.features.quality.finding import Finding

__all__ = ["WORDS", "Finding", "Quality", "of_pool", "of_series"]
