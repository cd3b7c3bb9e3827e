"""Where mods keeps things: data/, models/, checkpoints/. Alone in reading the environment."""

from __future__ import annotations

import os
import re
from pathlib import Path

from mods.errors import UsageError

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def base() -> Path:
    """APP_INPUT_OUTPUT_BASE_DIR, else the checkout if installed editable, else this folder."""
    configured = os.environ.get("APP_INPUT_OUTPUT_BASE_DIR")
    if configured:
        return Path(configured)
    checkout = Path(__file__).resolve().parent.parent
    return checkout if (checkout / "setup.cfg").is_file() else Path.cwd()


def secret(name: str) -> str | None:
    """A secret of the environment, None where it is not set; processes begun later have none."""
    return os.environ.pop(name, None)


def features() -> Path:
    """The default datapool."""
    return base() / "data" / "features"


def checkpoints() -> Path:
    """Where unfinished trainings are kept."""
    return base() / "checkpoints"


def jobs() -> Path:
    """Where the record of trainings and their logs are kept."""
    return checkpoints() / "jobs"


def study() -> Path:
    """The default file of searches for settings."""
    return checkpoints() / "tune.db"


def models(folder: str | os.PathLike[str] | None = None) -> Path:
    """The models folder: the one given, else models/ of the base, inside the namespace if set."""
    if folder is not None:
        return Path(folder)
    namespace = os.environ.get("APP_EXPERIMENT_NAMESPACE")
    if not namespace:
        return base() / "models"
    return base() / "models" / _name(namespace, "APP_EXPERIMENT_NAMESPACE")


def model(name: str, folder: str | os.PathLike[str] | None = None) -> Path:
    """The file of a saved model; raises UsageError for a name that could leave the folder."""
    place = models(folder)
    path = place / f"{_name(name, 'model_name')}.zip"
    if path.resolve().parent != place.resolve():
        raise UsageError(f"{name!r} leaves the models folder", where="model_name")
    return path


def _name(text: str, where: str) -> str:
    if NAME.fullmatch(text) is None:
        raise UsageError(
            f"{text!r} is no name",
            where=where,
            fix="Use 1 to 100 letters, digits, '.', '_' and '-', beginning with a letter or digit",
        )
    return text
