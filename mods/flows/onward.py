"""Onward: a saved model goes on learning, and keeps what it is."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from typing import Any

from mods.config import Config
from mods.errors import UsageError
from mods.flows import saved
from mods.models import catalogue
from mods.models.forecaster import Forecaster
from mods.models.learning import CONTINUED
from mods.request import Source


def begin(
    name: str | None, source: Source, config: Config, given: Collection[str] = ()
) -> tuple[Forecaster | None, dict[str, Any]]:
    """The saved forecaster to go on from, and the settings of its training that are to change.

    Without a name there is none.

    given:  the names of the settings that were asked for, whatever their values
    Raises UsageError for another one of them that differs, and for columns known in advance that
    the model does not know: it keeps its own.
    """
    if name is None:
        return None, {}
    old, _ = saved.load(catalogue.find(name, source.models))
    if source.known is not None and not old.config.known_columns:
        raise UsageError(
            f"{name} was trained without columns known in advance, and cannot learn to use them",
            where="known",
            fix="Leave it out, or train a new model with it",
        )
    changed: dict[str, Any] = {}
    for field in dataclasses.fields(Config):
        wanted, has = getattr(config, field.name), getattr(old.config, field.name)
        if field.name in CONTINUED and field.name in given:
            changed[field.name] = wanted
        elif field.name in given and wanted != has:
            raise UsageError(
                f"{wanted!r} is not that of {name}, which has {has!r}",
                where=field.name,
                fix="Leave it out: a model that goes on learning keeps its own",
            )
    return old, changed
