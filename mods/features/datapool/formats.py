"""Which format a day file came in, or is to be in; what reads Parquet is loaded where one is."""

from __future__ import annotations

from mods.features.datapool.places import Place
from mods.window import Window

MAGIC = b"PAR1"


def as_text(place: Place, content: bytes) -> bytes:
    """The file in the reference's layout, whichever it came in."""
    if not content.startswith(MAGIC):
        return content
    from mods.features.datapool import parquet

    return parquet.decode(content, Window.parse(place.window), place)


def packed(content: bytes, averages: frozenset[str]) -> bytes:
    """A text as Parquet; all columns but the averages are whole numbers."""
    from mods.features.datapool import parquet

    return parquet.encode(content, averages)
