"""The datapool: windows on disk, in the reference's layout or Parquet, read back as a series."""

from mods.features.datapool.change import changing
from mods.features.datapool.convert import export
from mods.features.datapool.pool import Datapool
from mods.features.datapool.writer import write

__all__ = ["Datapool", "changing", "export", "write"]
