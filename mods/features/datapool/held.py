"""What this process has read of datapools before, for as long as their files stay as they are.

Between two windows a service is asked many things about the same datapool. It says once how much
it may keep; a process that asks once keeps nothing.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from mods.features.datapool import state

T = TypeVar("T")
_room = 0
_held: OrderedDict[tuple[str, str, str], tuple[Any, int]] = OrderedDict()


def keep(room: int) -> None:
    """Keep so many bytes at most from now on."""
    global _room  # noqa: PLW0603 - a property of the process, like its log
    _room = room
    _shrink()


def once(pool: str | Path, asked: str, read: Callable[[], T], size: Callable[[T], int]) -> T:
    """What `read` gives: read now, or before if no file of the pool has changed since.

    asked:  what is read, in full; size:  the bytes of what was read
    What is given must not be changed by whoever gets it.
    """
    now = state.of(pool) if _room else None
    if now is None:
        return read()
    key = (str(pool), asked, now)
    if key not in _held:
        found = read()
        _add(key, found, size(found))
        return found
    _held.move_to_end(key)
    before: T = _held[key][0]
    return before


def _add(key: tuple[str, str, str], found: object, size: int) -> None:
    """Keep it in place of what was asked for longest ago, and of what the pool was before.

    What has no room by itself is not kept, and drives nothing else out.
    """
    for stale in [one for one in _held if one[0] == key[0] and one[2] != key[2]]:
        del _held[stale]
    taken = size + sum(map(len, key))  # also what there is nothing of takes room
    if taken <= _room:
        _held[key] = found, taken
        _shrink()


def _shrink() -> None:
    while sum(size for _, size in _held.values()) > _room:
        _held.popitem(last=False)
