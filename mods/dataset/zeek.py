"""The header of a Zeek TSV log: what the `#` lines before the records say about them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from mods.errors import LogError

ESCAPE = re.compile(r"\\x([0-9A-Fa-f]{2})")


@dataclass(frozen=True)
class Header:
    """Which log it is (`path`), its columns with Zeek's types, and how values are written.

    `form` is `tsv` or `json`; `guessed` are columns whose type only their first values told.
    """

    path: str
    fields: tuple[str, ...]
    types: tuple[str, ...]
    separator: str = "\t"
    set_separator: str = ","
    empty: str = "(empty)"
    unset: str = "-"
    form: str = "tsv"
    guessed: frozenset[str] = frozenset()

    def type_of(self, field: str) -> str | None:
        """Zeek's type of a column; None where the log has no such column."""
        return dict(zip(self.fields, self.types, strict=True)).get(field)


def header(lines: Iterable[str]) -> Header | None:
    r"""Read the header; None where the lines do not begin with one, LogError where it is cut.

    Lines after the first record are not looked at.

    >>> text = "#separator \\x09\n#path\tssh\n#fields\tts\tuid\n#types\ttime\tstring\n1.5\tCx\n"
    >>> header(text.splitlines()).fields
    ('ts', 'uid')
    """
    separator = "\t"
    found: dict[str, list[str]] = {}
    for text in lines:
        if not text.startswith("#"):
            break
        line = text.rstrip("\r\n")
        if line.startswith("#separator"):
            separator = unescape(line[len("#separator") :].strip(" \t")) or "\t"
            continue
        key, *values = line.split(separator)
        found.setdefault(key, values)
    if not found.keys() & {"#path", "#fields", "#types"}:
        return None
    return _checked(separator, found)


def _checked(separator: str, found: dict[str, list[str]]) -> Header:
    for key in ("#path", "#fields", "#types"):
        if not found.get(key):
            raise LogError(f"its header has no {key} line")
    if len(separator) != 1:
        raise LogError(f"its #separator {separator!r} is not one character")
    fields, types = tuple(found["#fields"]), tuple(found["#types"])
    if len(fields) != len(types):
        raise LogError(f"its header has {len(fields)} #fields, but {len(types)} #types")
    if len(set(fields)) != len(fields):
        raise LogError("its #fields line names a column twice")
    said = {key: unescape(values[0]) for key, values in found.items() if values}
    return Header(
        path=said["#path"],
        fields=fields,
        types=types,
        separator=separator,
        set_separator=said.get("#set_separator", ","),
        empty=said.get("#empty_field", "(empty)"),
        unset=said.get("#unset_field", "-"),
    )


def unescape(text: str) -> str:
    r"""The text with Zeek's `\x09` turned into the character it stands for.

    >>> unescape(r"\x09") == chr(9)
    True
    """
    return ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
