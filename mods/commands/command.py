"""What a command is, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Answer:
    """What a command has to say: `record` for a program (--json), `text` for a person.

    lines: what is said before the text, each as soon as it is there
    """

    record: Any
    text: str
    lines: Iterable[str] = ()


@dataclass(frozen=True)
class Command:
    """One command; `classes` declare its options, `positional` may be given without a name.

    `examples` are those beside the one in the list of commands; `help` comes from there.
    """

    name: str
    run: Callable[[dict[str, Any]], Answer]
    classes: tuple[type, ...]
    examples: tuple[str, ...] = ()
    positional: tuple[str, ...] = ()
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    extra: Mapping[str, str] = field(default_factory=dict)
    help: str = ""


def filed(record: dict[str, Any], text: str, path: str | None) -> Answer:
    """The answer of a command that may have written a file."""
    if path is None:
        return Answer(record, text)
    return Answer({**record, "output": path}, f"{text}\n\nwritten: {path}")
