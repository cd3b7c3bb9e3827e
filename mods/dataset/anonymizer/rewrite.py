"""Rewriting one log, line by line: TSV with its header, or JSON lines."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from mods.dataset import zeek
from mods.dataset.anonymizer import rules
from mods.dataset.anonymizer.addresses import Addresses
from mods.dataset.anonymizer.key import derived
from mods.dataset.anonymizer.names import Names
from mods.errors import LogError

HEADER = re.compile(
    r"#(?:separator \\x[0-9a-fA-F]{2}|(?:set_separator|empty_field|unset_field)\s.{1,9}"
    r"|path\s[A-Za-z0-9_-]{1,40}|(?:open|close)\s[-\d:T.Z]{1,40}|(?:fields|types)\s.+)"
)
Change = Callable[[str], str | None]


@dataclass
class Counts:
    """What became of the lines: written, and left out because they are no record."""

    written: int = 0
    left_out: int = 0
    dropped: set[str] = field(default_factory=set)


class Rewriter:
    """What becomes of each field, under one key."""

    def __init__(self, key: bytes) -> None:
        self.addresses = Addresses(derived(key, "addresses"))
        names = Names(key, self.addresses)
        self._kinds: dict[str, Change] = {
            rules.ADDRESS: self.addresses.pseudonym,
            rules.HOST: names.host,
            rules.IDENTIFIER: names.identifier,
            rules.HARDWARE: names.hardware,
        }

    def change(self, name: str) -> Change | None:
        """What turns a value of this field into what is written; None where it is dropped."""
        if name in rules.PSEUDONYM:
            return self._kinds[rules.PSEUDONYM[name]]
        form = rules.KEPT.get(name)
        return None if form is None else lambda text: text if form.fullmatch(text) else None

    def lines(self, lines: Iterable[str], counts: Counts) -> Iterator[str]:
        """The lines of a log as they are written; the first one tells TSV from JSON.

        Raises LogError for a TSV log without a header, or with one that is cut.
        """
        ahead = iter(lines)
        first = next(ahead, "")
        chosen = self._json if first.lstrip().startswith("{") else self._tsv
        yield from chosen(_chained(first, ahead), counts)

    def _tsv(self, lines: Iterable[str], counts: Counts) -> Iterator[str]:
        top: list[str] = []
        row: _Row | None = None
        for line in lines:
            text = line.rstrip("\r\n")
            if text.startswith("#"):
                top.append(text)
                if text.startswith("#types"):
                    head = zeek.header(top)
                    row = None if head is None else _Row(self, head, counts)
                if text.startswith(("#types", "#close")):
                    top = []
                if _harmless(text):
                    yield text
            elif text:
                # a last line without its end may be cut in the middle of a value
                written = row.write(text) if row is not None and line.endswith("\n") else None
                counts.written += written is not None
                counts.left_out += written is None
                if written is not None:
                    yield written
        if row is None:
            raise LogError("has no Zeek header (#fields, #types)")

    def _json(self, lines: Iterable[str], counts: Counts) -> Iterator[str]:
        for line in lines:
            if not line.strip():
                continue
            try:
                record = json.loads(line)
            except ValueError:
                record = None
            if not isinstance(record, dict):
                counts.left_out += 1
                continue
            counts.written += 1
            yield json.dumps(self._object(record, "", counts), separators=(",", ":"))

    def _object(self, record: dict[str, Any], prefix: str, counts: Counts) -> dict[str, Any]:
        """The fields that are not dropped; the key of one that nobody knows says nothing either."""
        found: dict[str, Any] = {}
        for key, value in record.items():
            name = f"{prefix}{key}"
            if isinstance(value, dict) and name == "id":
                found[key] = self._object(value, f"{name}.", counts)
                continue
            change = self.change(name)
            if change is None:
                counts.dropped.add(name)
                continue
            changed = _changed(value, change)
            if changed is not None:
                found[key] = changed
        return found


class _Row:
    """Rows under one TSV header."""

    def __init__(self, rewriter: Rewriter, head: zeek.Header, counts: Counts) -> None:
        self.head = head
        self.changes = [rewriter.change(name) for name in head.fields]
        self.many = [kind.startswith(("set[", "vector[")) for kind in head.types]
        pairs = zip(head.fields, self.changes, strict=True)
        counts.dropped |= {name for name, change in pairs if change is None}

    def write(self, text: str) -> str | None:
        """The row as it is written; None where it has not one value for each field."""
        values = text.split(self.head.separator)
        if len(values) != len(self.changes):
            return None
        cells = zip(values, self.changes, self.many, strict=True)
        return self.head.separator.join(self._cell(*cell) for cell in cells)

    def _cell(self, value: str, change: Change | None, many: bool) -> str:
        head = self.head
        if change is None:
            return head.unset
        if value in (head.unset, head.empty):
            return value
        if not many:
            return change(zeek.unescape(value)) or head.unset
        parts = (change(zeek.unescape(part)) if part != head.unset else None
                 for part in value.split(head.set_separator))  # fmt: skip
        return head.set_separator.join(part or head.unset for part in parts)


def _changed(value: Any, change: Change) -> Any:
    """A JSON value as it is written; None where it is left out."""
    if isinstance(value, list):
        return [changed for one in value if (changed := _changed(one, change)) is not None]
    if isinstance(value, bool | int | float):
        text = json.dumps(value)
        changed = change(text)
        return value if changed == text else changed
    return (change(value) if value else value) if isinstance(value, str) else None


def _harmless(text: str) -> bool:
    """Whether a `#` line is one of Zeek's own; another may say anything."""
    return HEADER.fullmatch(text) is not None


def _chained(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest
