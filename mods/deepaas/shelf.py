"""Models that a worker has loaded: the latest few, each known by its file as it was then."""

from __future__ import annotations

import logging
import os
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING

from mods.deepaas import guard
from mods.errors import ModelError, ModelNotFoundError, ModsError
from mods.models import catalogue

if TYPE_CHECKING:
    from mods.flows.model import Model

log = logging.getLogger(__name__)

ROOM = 8
_Key = tuple[str, int, int]
_loaded: OrderedDict[_Key, Model] = OrderedDict()


def find(name: str) -> Path:
    """The file of a saved model.

    Raises ModelNotFoundError with the names that there are; where they lie is no client's affair.
    """
    try:
        return catalogue.find(name)
    except ModelNotFoundError as error:
        raise ModelNotFoundError("no model of this name", where=name, fix=error.fix) from None


def model(name: str) -> Model:
    """The model of that name, read again only when its file has changed.

    Raises ModelNotFoundError, CorruptModelError.
    """
    from mods.flows.model import Model

    key = _key(find(name))
    if key not in _loaded:
        for stale in [other for other in _loaded if other[0] == key[0]]:
            del _loaded[stale]
        _loaded[key] = Model.load(name)
    _loaded.move_to_end(key)
    while len(_loaded) > ROOM:
        _loaded.popitem(last=False)
    return _loaded[key]


def latest() -> list[str]:
    """The models saved last, as many as there is room for."""
    return sorted(catalogue.names(), key=_age, reverse=True)[:ROOM]


def fill() -> None:
    """Load the models saved last, as many as there is room for; a broken one is only reported."""
    for name in latest():
        try:
            model(name)
        except ModsError as error:
            log.warning("not loaded: %s", error)
        except Exception as error:  # noqa: BLE001 - the last door of one model: the others serve
            log.warning("not loaded: %s", guard.answer(error))


def _key(path: Path) -> _Key:
    try:
        state = path.stat()
    except OSError as error:
        raise ModelError(f"cannot be read: {error.strerror}", where=path) from None
    return os.path.realpath(path), state.st_mtime_ns, state.st_size


def _age(name: str) -> int:
    try:
        return _key(catalogue.find(name))[1]
    except ModsError:
        return 0
