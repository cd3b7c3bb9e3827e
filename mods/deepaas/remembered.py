"""Answers that a worker has made before: the same question to the same model about the same data.

A forecast depends on nothing else, least of all on the clock. Between two windows a board that
asks every few seconds costs one computation.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import OrderedDict
from typing import Any

from mods import paths
from mods.errors import ModsError

MOST = 32 * 2**20  # bytes of all answers that are kept
LARGEST = 4 * 2**20  # bytes of one that is worth keeping
FILES = 5_000  # entries of a datapool beyond which looking costs as much as computing
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
    states = [(name, state.st_mtime_ns, state.st_size, state.st_ino) for name, state in mine]
    digest = hashlib.sha256(f"{asked} {states}".encode())
    seen = _walk(os.fspath(paths.features()), digest, FILES)
    return None if seen is None else digest.hexdigest()


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


def _walk(folder: str, digest: Any, left: int) -> int | None:
    """How many entries may follow those of this folder; None where there are too many.

    Also None where a file goes while it is looked at, as where the datapool is being prepared.
    """
    try:
        for entry in sorted(os.scandir(folder), key=lambda one: one.name):
            left -= 1
            if left < 0:
                return None
            if entry.is_dir():
                below = _walk(entry.path, digest, left)
                if below is None:
                    return None
                left = below
                continue
            state = entry.stat()
            seen = f"{entry.path} {state.st_mtime_ns} {state.st_size} {state.st_ino};"
            digest.update(seen.encode())
    except OSError:
        return None
    return left
