"""setting(): one declaration -> CLI option, REST field, check, saved JSON and docs table.

A settings class is a frozen dataclass whose fields are made by `setting`; its `__post_init__`
calls `check(self)`, so that no instance with a value outside its limits can exist.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from mods.errors import SettingError


@dataclasses.dataclass(frozen=True)
class Span:
    """Numbers from low to high, both in; `log`: small ones as often as large ones."""

    low: float
    high: float
    log: bool = False


@dataclasses.dataclass(frozen=True)
class Setting:
    """One declared setting. `kind` is the type of one value, `many` says that it is a list.

    tune:  the values that `mods tune` tries, where it searches this setting
    """

    name: str
    default: Any
    help: str
    kind: type
    many: bool = False
    optional: bool = False
    required: bool = False
    low: float | None = None
    high: float | None = None
    choices: Callable[[], Iterable[str]] | None = None
    parse: Callable[[str], Any] | None = None
    separator: str = ";"
    rest: bool = True
    tune: tuple[Any, ...] | Span | None = None

    @property
    def limits(self) -> str:
        """The allowed values in words, '' where there is no limit."""
        if self.choices is not None:
            return "one of " + ", ".join(self.choices())
        if self.low is not None and self.high is not None:
            return f"{self.low} to {self.high}"
        if self.low is not None:
            return f"at least {self.low}"
        return f"at most {self.high}" if self.high is not None else ""

    def read(self, value: Any) -> Any:
        """The value checked, and turned from text where it comes as text."""
        if value is None or value == "":
            return self._absent()
        if not self.many:
            return self._read_one(value)
        given = (value,) if isinstance(value, str) else value
        parts = (one.strip() for part in given for one in str(part).split(self.separator))
        return tuple(self._read_one(part) for part in parts if part)

    def _absent(self) -> Any:
        if self.many:
            return ()
        if self.optional:
            return None
        raise SettingError("no value given", where=self.name, fix=self._advice())

    def _read_one(self, value: Any) -> Any:
        value = self._typed(value)
        if self.choices is not None and value not in tuple(self.choices()):
            raise SettingError(f"{value!r} is not known", where=self.name, fix=self._advice())
        too_low = self.low is not None and not value >= self.low
        if too_low or (self.high is not None and not value <= self.high):
            raise SettingError(f"{value} is out of range", where=self.name, fix=self._advice())
        if self.parse is not None:
            self.parse(value)
        return value

    def _typed(self, value: Any) -> Any:
        if self.kind is bool:
            return self._truth(value)
        if self.kind is str and not isinstance(value, str):
            raise SettingError(f"{value!r} is no text", where=self.name)
        if isinstance(value, bool):
            raise SettingError(f"{value!r} is no number", where=self.name, fix=self._advice())
        try:
            typed = self.kind(value)
        except (TypeError, ValueError, OverflowError):
            typed = None
        if typed is None or (self.kind is int and isinstance(value, float) and typed != value):
            wanted = "a whole number" if self.kind is int else "a number"
            raise SettingError(f"{value!r} is not {wanted}", where=self.name, fix=self._advice())
        return typed

    def _truth(self, value: Any) -> bool:
        known = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
        answer = known.get(str(value).lower())
        if answer is None:
            raise SettingError(f"{value!r} is neither true nor false", where=self.name)
        return answer

    def _advice(self) -> str:
        return f"Give {self.limits}" if self.limits else f"It is: {self.help}"


def setting(default: Any, help: str, **limits: Any) -> Any:  # noqa: A002
    """Declare a setting; `limits` are the fields of `Setting` from `low` on.

    A default of `...` makes the setting one that has to be given.
    """
    metadata = {"setting": {"help": help, **limits}}
    if default is ...:
        return dataclasses.field(metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


def settings(cls: type) -> tuple[Setting, ...]:
    """All settings a class declares, in their order."""
    hints = typing.get_type_hints(cls)
    found = []
    for field in dataclasses.fields(cls):
        kind, many, optional = _unwrap(hints[field.name])
        required = field.default is dataclasses.MISSING
        shape = {"kind": kind, "many": many, "optional": optional, "required": required}
        declared: dict[str, Any] = {**shape, **field.metadata["setting"]}
        default = None if required else field.default
        found.append(Setting(field.name, default, **declared))
    return tuple(found)


def _unwrap(hint: Any) -> tuple[type, bool, bool]:
    """The type of one value, whether there are many, whether there may be none."""
    if typing.get_origin(hint) is tuple:
        return typing.get_args(hint)[0], True, False
    if typing.get_origin(hint) in (types.UnionType, typing.Union):
        kind = next(arg for arg in typing.get_args(hint) if arg is not type(None))
        return kind, False, True
    return hint, False, False


def check(instance: object) -> None:
    """Read every setting of a frozen instance once more, so that none is outside its limits."""
    for one in settings(type(instance)):
        object.__setattr__(instance, one.name, one.read(getattr(instance, one.name)))


def build(cls: type, values: Mapping[str, Any]) -> Any:
    """An instance of `cls` from those of `values` that it declares; the rest is left to others."""
    names = {one.name for one in settings(cls)}
    missing = [one.name for one in settings(cls) if one.required and values.get(one.name) is None]
    if missing:
        raise SettingError("no value given", where=missing[0], fix=f"Give --{missing[0]}")
    return cls(**{name: value for name, value in values.items() if name in names})


def known(names: Iterable[str], *classes: type) -> None:
    """Raise for the first name that none of the classes declares."""
    declared = {one.name for cls in classes for one in settings(cls)}
    for name in names:
        if name not in declared:
            raise SettingError(
                "is no setting", where=name, fix=f"Known are {', '.join(sorted(declared))}"
            )
