"""What people said about a model's events, in a JSON file beside it (NAME.feedback.json).

It outlives a new training under the same name and is deleted with the model. It is written whole or
not at all, by one process at a time.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mods import atomic
from mods.errors import ModelError, ModelNotFoundError
from mods.models import locks

ENDING = ".feedback.json"
FORMAT = 1
LISTS = ("marks", "expected")
LARGEST = 64 << 20
PATIENCE = 60.0


def place(model: Path) -> Path:
    """The file of the feedback on the model in this file."""
    return model.with_name(model.stem + ENDING)


def read(model: Path) -> dict[str, list[Any]]:
    """The lists `marks` and `expected`, empty where nothing was said.

    Raises ModelError for a file that cannot be read or is none of ours.
    """
    path = place(model)
    try:
        if path.stat().st_size > LARGEST:
            raise ValueError(f"it has more than {LARGEST:,} bytes")
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {name: [] for name in LISTS}
    except (OSError, ValueError, RecursionError) as error:
        raise _unreadable(path, error) from None
    whole = isinstance(content, dict) and content.get("format") == FORMAT
    if not whole or not all(isinstance(content.get(name), list) for name in LISTS):
        raise _unreadable(path, "it does not hold marks and expected periods")
    return {name: content[name] for name in LISTS}


@contextlib.contextmanager
def changing(model: Path) -> Iterator[dict[str, list[Any]]]:
    """What was said, to be changed; kept when the block ends well.

    Others wait: of two who mark at once neither loses a mark. Raises ModelNotFoundError where the
    model is gone, ResourceError where the disk fails.
    """
    path = place(model)
    if not model.is_file():
        raise ModelNotFoundError("there is no such model", where=model)
    with locks.alone(path, PATIENCE):
        if not model.is_file():
            raise ModelNotFoundError("the model was deleted", where=model)
        content = read(model)
        yield content
        kept = {"format": FORMAT, **{name: content[name] for name in LISTS}}
        text = json.dumps(kept, allow_nan=False, indent=1, ensure_ascii=False)
        with atomic.replacing(path) as draft:
            draft.write_text(text + "\n", encoding="utf-8")


def delete_with(model: Path) -> None:
    """Delete a model and what was said about it; OSError where the model cannot be deleted."""
    path = place(model)
    with locks.alone(path, PATIENCE):
        model.unlink()
        path.unlink(missing_ok=True)


def _unreadable(path: Path, reason: object) -> ModelError:
    return ModelError(
        f"the feedback cannot be read: {reason}",
        where=path,
        fix="Mend the file, or move it away: its marks are then forgotten",
    )
