"""Learning curves as TensorBoard reads them; nothing is served, no port is opened."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mods.errors import ResourceError


def told(folder: Path) -> Callable[[int, dict[str, float]], None]:
    """A function to be told each epoch and its errors; it appends them to the logs in the folder.

    Raises ResourceError where TensorBoard's writer is not installed, or the folder is closed.
    """
    try:
        from tensorboard.summary import Writer
    except ModuleNotFoundError:
        raise ResourceError(
            "tensorboard is not installed",
            where="--tensorboard",
            fix="Run: pip install 'mods[tensorboard]'",
        ) from None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        writer = Writer(str(folder))
    except OSError as error:
        raise ResourceError(f"cannot be written: {error.strerror}", where=folder) from None

    def write(epoch: int, errors: dict[str, float]) -> None:
        for name, error in errors.items():
            writer.add_scalar(f"error_over_persistence/{name}", error, epoch)
        writer.flush()

    return write
