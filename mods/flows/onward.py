"""Onward: a saved model goes on learning, and keeps what it is."""

from __future__ import annotations

import dataclasses
from typing import Any

from mods.config import Config
from mods.errors import UsageError
from mods.flows import saved
from mods.models import catalogue
from mods.models.forecaster import CONTINUED, Forecaster


def begin(
    name: str | None, models: str | None, config: Config
) -> tuple[Forecaster | None, dict[str, Any]]:
    """The saved forecaster to go on from, and the settings of its training that are to change.

    Without a name there is none. Raises UsageError for another setting that was given and differs:
    the model keeps its own.
    """
    if name is None:
        return None, {}
    old, _ = saved.load(catalogue.find(name, models))
    changed: dict[str, Any] = {}
    for field in dataclasses.fields(Config):
        wanted, has = getattr(config, field.name), getattr(old.config, field.name)
        if wanted in (field.default, has):
            continue
        if field.name not in CONTINUED:
            raise UsageError(
                f"{wanted!r} is not that of {name}, which has {has!r}",
                where=field.name,
                fix="Leave it out: a model that goes on learning keeps its own",
            )
        changed[field.name] = wanted
    return old, changed
