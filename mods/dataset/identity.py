"""What a log file holds, as a short key: the same for copies, whatever their name and packing."""

from __future__ import annotations

from pathlib import Path

from mods.dataset import content


def of(path: Path) -> str:
    """The key of the unpacked content; LogError where the file is damaged or cut short.

    It is made of the length, a CRC-32 of all bytes and a SHA-256 of the first megabyte. Two files
    that differ there have other keys for certain (to 2^-128). Files that differ only behind it, at
    the same length, share a key by chance once in 2^32 pairs; logs of two times never come so far,
    for their first time stamps differ. The whole file is read: 0.03 s per 128 MB of plain log,
    0.15 s packed (where DuckDB takes 0.8 s and 0.95 s to read them).
    """
    return content.scan(path).key
