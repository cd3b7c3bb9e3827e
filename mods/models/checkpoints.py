"""Checkpoints: where a training stands after an epoch, so that a killed one goes on from there.

One zip per training, stored, not compressed: state.json (format, identity, curve, sha256 of the
arrays) and arrays.npz. Its name begins with the identity: a digest of everything that decides the
weights, so that the same command finds it again and no other does. Nothing in it is executed.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import logging
import re
import time
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import mods
from mods import atomic
from mods.config import Config
from mods.errors import CorruptModelError, ResourceError
from mods.models import arrays
from mods.models.prepared import Watch

log = logging.getLogger(__name__)
Told = Callable[[int, dict[str, float]], None]
FORMAT, VERSION = "mods-checkpoint", 1
STATE, ARRAYS = "state.json", "arrays.npz"
LARGEST = 1 << 30
KEPT_DAYS = 30
NAME = "[0-9a-f]{16}"


@dataclass(frozen=True, eq=False)
class Stand:
    """Where a training stands: errors by epoch, epochs without a better one, all its arrays.

    maker: the version of Keras and its backend, whose arithmetic and random numbers are its own
    """

    curve: dict[str, list[float]]
    waited: int
    maker: str
    arrays: Mapping[str, np.ndarray]

    @property
    def epochs(self) -> int:
        """How many epochs are done."""
        return len(self.curve["loss"])


@dataclass(frozen=True)
class Checkpoint:
    """The file that one training is kept in; `fresh` leaves an earlier one aside."""

    path: Path
    identity: str
    fresh: bool = False

    def read(self) -> Stand | None:
        """Where the training stood; None, and a line in the log, where that cannot be used."""
        if self.fresh:
            return None
        try:
            return _read(self.path, self.identity)
        except FileNotFoundError:
            return None
        except CorruptModelError as error:
            self.refuse(error.message)
        except (*arrays.BROKEN, TypeError, OSError) as error:
            self.refuse(str(error))
        return None

    def refuse(self, reason: str) -> None:
        """Say why it is not used."""
        log.warning("%s: no checkpoint of this training (%s): it starts anew", self.path, reason)

    def write(self, stand: Stand) -> bool:
        """Keep the stand, whole or not at all; where that fails it is told, training goes on."""
        try:
            self._write(stand)
        except ResourceError as error:
            log.warning("%s: training goes on without a checkpoint", error)
            return False
        return True

    def _write(self, stand: Stand) -> None:
        content = arrays.pack({name: _plain(array) for name, array in stand.arrays.items()})
        state = {
            "format": FORMAT,
            "version": VERSION,
            "identity": self.identity,
            "curve": stand.curve,
            "waited": stand.waited,
            "maker": stand.maker,
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        with atomic.replacing(self.path) as draft, zipfile.ZipFile(draft, "w") as archive:
            archive.writestr(STATE, json.dumps(state))
            archive.writestr(ARRAYS, content)

    def remove(self) -> None:
        """Forget the training: it is done. What killed writes of it left goes too."""
        self.path.unlink(missing_ok=True)
        atomic.sweep(self.path.parent, re.escape(self.path.stem))


@dataclass(frozen=True)
class Run:
    """How a training goes about it; nothing in it changes the model.

    folder: where it is kept after each epoch, and found again if it was killed; fresh: start anew
    all the same; keep: leave the checkpoint when training is done, to whoever saves the model;
    told: who is told each epoch and its errors
    """

    folder: Path | None = None
    fresh: bool = False
    keep: bool = False
    told: tuple[Told, ...] = ()

    def watched(self, watch: Watch | None) -> Run:
        """The same run, of which one more is told the validation errors."""
        if watch is None:
            return self

        def told(epoch: int, errors: dict[str, float]) -> None:
            watch(epoch, errors["val_loss"])

        return dataclasses.replace(self, told=(*self.told, told))

    def kept(self, identity: str) -> Kept:
        """Where the training of this identity is kept; what nobody came back for in a month goes.

        Raises ResourceError where the folder cannot be looked through.
        """
        if self.folder is None:
            return Kept(None, self.told)
        try:
            _sweep(self.folder)
        except OSError as error:
            raise ResourceError(f"cannot be swept: {error.strerror}", where=self.folder) from None
        path = self.folder / f"{identity[:16]}.zip"
        return Kept(Checkpoint(path, identity, self.fresh), self.told)


@dataclass(frozen=True)
class Kept:
    """The checkpoint of one training, who is told of each epoch, and whether it has begun before.

    begun: the weights it begins with are kept where no epoch improves on them
    """

    checkpoint: Checkpoint | None = None
    told: tuple[Told, ...] = ()
    begun: bool = False


UNKEPT = Kept()


def _sweep(folder: Path) -> None:
    """Remove old checkpoints, by their names, and left drafts of any: no other file is touched."""
    atomic.sweep(folder, NAME)
    old = time.time() - KEPT_DAYS * 86_400
    for file in [one for one in folder.glob("*.zip") if re.fullmatch(NAME, one.stem)]:
        with contextlib.suppress(FileNotFoundError):
            if file.stat().st_mtime < old:
                file.unlink()


def identity(
    config: Config,
    series: pd.DataFrame,
    parts: tuple[slice, slice],
    *,
    weights: Mapping[str, np.ndarray] | None = None,
) -> str:
    """A digest of what decides a model: config, values, times, cut, weights to begin with."""
    values = np.ascontiguousarray(series.to_numpy(float))
    told = [mods.__version__, dataclasses.asdict(config), list(map(str, series.columns))]
    told += [values.shape, str(series.index[0]), str(series.index[-1]), str(parts)]
    digest = hashlib.sha256(json.dumps(told).encode())
    digest.update(values.tobytes())
    digest.update(b"" if weights is None else arrays.pack(weights))
    return digest.hexdigest()


def _plain(array: np.ndarray) -> np.ndarray:
    """float32 as it is; counters and seeds as float64, which holds them exactly."""
    return array if array.dtype == np.float32 else array.astype(np.float64)


def _read(path: Path, identity: str) -> Stand:
    with zipfile.ZipFile(path) as archive:
        state = json.loads(_content(archive, STATE))
        content = _content(archive, ARRAYS)
    _same(state, identity)
    if hashlib.sha256(content).hexdigest() != state["sha256"]:
        raise CorruptModelError("its arrays are not what was written")
    curve = {name: [float(one) for one in state["curve"][name]] for name in ("loss", "val_loss")}
    if not curve["loss"] or len(curve["loss"]) != len(curve["val_loss"]):
        raise CorruptModelError("its curve is incomplete")
    return Stand(curve, int(state["waited"]), str(state["maker"]), arrays.unpack(content))


def _content(archive: zipfile.ZipFile, name: str) -> bytes:
    info = archive.getinfo(name)
    if info.compress_type != zipfile.ZIP_STORED or info.file_size > LARGEST:
        raise CorruptModelError(f"{name} is compressed, or larger than allowed")
    return archive.read(info)


def _same(state: dict[str, Any], identity: str) -> None:
    if (state["format"], state["version"]) != (FORMAT, VERSION):
        raise CorruptModelError(f"its format is not {FORMAT} {VERSION}")
    if state["identity"] != identity:
        raise CorruptModelError("it is of another config or other data")
