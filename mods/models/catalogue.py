"""Catalogue: the saved models of a folder: list, show, delete, sweep."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

from mods import atomic, paths
from mods.errors import ModelError, ModelNotFoundError, ResourceError
from mods.models import artifact, feedback, trained

log = logging.getLogger(__name__)

Folder = str | os.PathLike[str] | None


def names(folder: Folder = None) -> list[str]:
    """The names of all saved models, in order; raises ModelError where that cannot be known."""
    place = paths.models(folder)
    try:
        with os.scandir(place) as entries:
            files = [Path(entry.name) for entry in entries if entry.is_file()]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise _closed(error, place) from None
    models = (file.stem for file in files if file.suffix == ".zip")
    return sorted(name for name in models if paths.NAME.fullmatch(name))


def find(name: str, folder: Folder = None) -> Path:
    """The file of a saved model; raises ModelNotFoundError, which lists what exists."""
    path = paths.model(name, folder)
    try:
        if path.is_file():
            return path
    except OSError as error:
        raise _closed(error, path.parent) from None
    known = names(folder)
    listed = f"Saved are {', '.join(known)}" if known else "No model is saved there yet"
    raise ModelNotFoundError(f"no model of this name in {path.parent}", where=name, fix=listed)


def listing(folder: Folder = None) -> list[dict[str, Any]]:
    """A row for each saved model; one that cannot be read has an `error` instead of its figures.

    `test` and `validation`: mean error over that of persistence on that part, None if not known.
    """
    return [_row(name, folder) for name in names(folder)]


def show(name: str, folder: Folder = None) -> dict[str, Any]:
    """All a saved model tells about itself but its weights."""
    path = find(name, folder)
    parts = artifact.read(path)
    state = {key: value for key, value in parts.state.items() if key not in ("detector", "spread")}
    return {
        **_head(name, path),
        "config": parts.config,
        "state": state,
        "detector": parts.state.get("detector") is not None,
        "weights": sum(
            one.size for key, one in parts.weights.items() if key.startswith(trained.NETWORK)
        ),
        "metrics": parts.metrics,
        "manifest": artifact.manifest(path),
    }


def delete(name: str, folder: Folder = None) -> None:
    """Delete a saved model and the feedback on it; ModelNotFoundError where there is none."""
    path = find(name, folder)
    try:
        feedback.delete_with(path)
    except OSError as error:
        raise ResourceError(f"cannot be deleted: {error.strerror}", where=path) from None


def sweep(folder: Folder = None) -> int:
    """Remove what killed saves left behind; how many files that were. Saves at work keep theirs."""
    place = paths.models(folder)
    removed = atomic.sweep(place)
    if removed:
        log.info("%s: %d unfinished saves removed", place, removed)
    return removed


def _row(name: str, folder: Folder) -> dict[str, Any]:
    path = paths.model(name, folder)
    try:
        parts = artifact.read(path)
        created = artifact.manifest(path)["created"]
    except ModelError as error:
        return {**_head(name, path), "error": error.message}
    return {
        **_head(name, path),
        "model_type": parts.config.get("model_type"),
        "features": parts.state.get("features"),
        "steps_ahead": parts.config.get("steps_ahead"),
        "test": _figure(parts.metrics, "test"),
        "validation": _figure(parts.metrics, "validation"),
        "created": created,
    }


def _figure(metrics: dict[str, Any], name: str) -> float | None:
    part = metrics.get(name)
    return part.get("mean") if isinstance(part, dict) else None


def _closed(error: OSError, place: Path) -> ModelError:
    return ModelError(
        f"the models cannot be listed: {error.strerror}",
        where=place,
        fix="Give the folder that holds them, and the right to read it",
    )


def _head(name: str, path: Path) -> dict[str, Any]:
    return {"name": name, "size": path.stat().st_size}
