"""Models of another format than this version reads: what they are, and how to have them again."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mods.config import Config
from mods.errors import OutdatedModelError
from mods.settings import settings


def error(
    path: Path, manifest: Mapping[str, Any], config: Mapping[str, Any], reads: int
) -> OutdatedModelError:
    """What to say of a model whose manifest states another version than the one read here.

    config:  its settings, as far as they can be read
    """
    version, by = manifest.get("version"), manifest.get("mods", "an unknown version")
    newer = isinstance(version, int) and version > reads
    fix = f"Install mods {by} or later" if newer else f"Train it again: {command(path, config)}"
    return OutdatedModelError(
        f"is of format {version}, written by mods {by}; this version reads format {reads}",
        where=path,
        fix=fix,
    )


def command(path: Path, config: Mapping[str, Any]) -> str:
    """The command that trains a model of this name with these settings, those by default left out.

    >>> command(Path("models/week.zip"), {"model_type": "LSTM", "seed": 0, "gone": 1})
    'mods train --model_name week --model_type LSTM'
    """
    words = ["mods", "train", "--model_name", path.stem]
    for one in settings(Config):
        value = config.get(one.name, one.default)
        if isinstance(value, str | int | float) and value != one.default:
            words += [f"--{one.name}", str(value)]
    return shlex.join(words)
