"""The search space: of each setting searched the values to try, as the settings declare them."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from typing import Any

from mods import architectures
from mods.config import Config
from mods.errors import SettingError, UsageError
from mods.settings import Setting, Span, settings

Space = dict[str, tuple[Any, ...] | Span]


def space(config: Config, searched: Collection[str] = (), given: Collection[str] = ()) -> Space:
    """What to try of which setting; the config's own value is always among it.

    searched:  names of settings; without any, all that declare `tune`, are read by the network, and
        are not given
    Raises SettingError for what cannot be searched, UsageError where nothing is left.
    """
    known = {one.name: one for one in settings(Config)}
    possible = {name: tried for name, one in known.items() if (tried := _tried(one)) is not None}
    for name in searched:
        if name not in possible:
            raise SettingError(
                "cannot be searched", where=name, fix=f"Can be: {', '.join(sorted(possible))}"
            )
        if name in given:
            raise UsageError("is given and searched", where=name, fix="Leave one of them out")
    unread = architectures.ignored(config.model_type)
    usual = [n for n, one in known.items() if one.tune and n not in given and n not in unread]
    chosen = list(dict.fromkeys(searched)) or usual
    if not chosen:
        raise UsageError("every setting is given", where="mods tune", fix="Leave some out")
    return {name: _with(possible[name], getattr(config, name)) for name in chosen}


def plain(space: Space) -> dict[str, Any]:
    """The space as JSON tells it."""
    return {
        name: dataclasses.asdict(tried) if isinstance(tried, Span) else list(tried)
        for name, tried in space.items()
    }


def _tried(one: Setting) -> tuple[Any, ...] | Span | None:
    if one.tune is not None:
        return one.tune
    return None if one.choices is None or one.many else tuple(one.choices())


def _with(tried: tuple[Any, ...] | Span, value: Any) -> tuple[Any, ...] | Span:
    """The same, widened so that the value is in it."""
    if isinstance(tried, Span):
        return dataclasses.replace(tried, low=min(tried.low, value), high=max(tried.high, value))
    return tried if value in tried else tuple(sorted({*tried, value}))
