"""Answers that a worker has made before: the same question to the same model about the same data.

A forecast depends on nothing else, least of all on the clock. Between two windows a board that
asks every few seconds costs one computation.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from typing import Any

from mods import paths
from mods.errors import ModsError
from mods.features.datapool import state

MOST = 32 * 2**20  # bytes of all answers that are kept
LARGEST = 4 * 2**20  # bytes of one that is worth keeping
_kept: OrderedDict[str, Any] = OrderedDict()


def key(arguments: dict[str, Any]) -> str | None:
    """What the answer depends on, None where that cannot be told: an upload, a huge datapool.

    The fields, the model's file and those beside it of its name (what people said of its events),
    and size and time of every file of the datapool.
    """
    if arguments.get("data") not in (None, ""):
        return None
    try:
        asked = json.dumps(arguments, sort_keys=True)
        model = paths.model(arguments["model_name"])
        mine = [(one.name, one.stat()) for one in sorted(model.parent.glob(f"{model.stem}.*"))]
        model.stat()  # it is there
    except (TypeError, KeyError, OSError, ModsError):
        return None  # whoever answers says what is wrong
    states = [(name, one.st_mtime_ns, one.st_size, one.st_ino) for name, one in mine]
    pool = state.of(paths.features())
    return None if pool is None else hashlib.sha256(f"{asked} {states} {pool}".encode()).hexdigest()


def find(asked: str | None) -> Any:
    """The answer under this key, None if there is none."""
    if asked is None or asked not in _kept:
        return None
    _kept.move_to_end(asked)
    return _kept[asked]


def keep(asked: str | None, answer: Any) -> None:
    """Keep an answer in place of the ones that were asked for longest ago."""
    if asked is None or len(answer) > LARGEST:
        return
    _kept[asked] = answer
    while sum(map(len, _kept.values())) > MOST:
        _kept.popitem(last=False)
