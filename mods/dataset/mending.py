"""Logs that cannot be read as they stand are read from copies that can, in a temporary folder.

That is a TSV log whose header changes on the way (files put one behind the other), whose last line
has no end, or which may still be growing: plain, and without Zeek's `#close`. Also one that begins
with a byte order mark, and one with a line that is too long for the engine: it is rejected alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import mkdtemp
from typing import IO

from mods.dataset import content, packing, zeek
from mods.dataset.files import LogFile
from mods.dataset.json_lines import FORM
from mods.dataset.zeek import Header
from mods.errors import LogError

LONGEST_LINE = 12 << 20
TOO_LONG = f"has a line of more than {LONGEST_LINE >> 20} MB"
CUT = "mods: this line has no end"
OVERLONG = "mods: this line is too long"
KEYS = (
    "#separator",
    "#set_separator",
    "#empty_field",
    "#unset_field",
    "#path",
    "#fields",
    "#types",
)
TOO_MUCH = f"{OVERLONG}\n".encode()
JOINT = b"\n" + packing.BOM + b"#"
SPLIT_FIX = "Split the file there, or pass --skip_broken"


def sound(files: Sequence[LogFile], folder: Path) -> tuple[list[LogFile], dict[LogFile, LogError]]:
    """The logs as they can be read, and the error of those that cannot; copies go to `folder`."""
    kept, errors = [], {}
    for one in files:
        try:
            kept.append(_sound(one, folder))
        except LogError as error:
            errors[one] = error
    return kept, errors


def _sound(file: LogFile, folder: Path) -> LogFile:
    found = content.scan(file.path)
    growing = not found.closed and packing.kind(file.path) == "none"
    as_json = file.header.form == FORM
    sound = as_json or (found.headers <= 1 and found.ended and not growing)
    if sound and not found.marked and found.longest <= LONGEST_LINE:
        return file
    with ExitStack() as stack:
        copy = _Copy(file, Path(mkdtemp(prefix="copy-", dir=folder)), stack)
        for line in _lines(file.path):
            (copy.take if as_json else copy.add)(line)
    return replace(file, copies=tuple((head, place) for head, (place, _) in copy.parts.items()))


@dataclass
class _Copy:
    """The lines of a log, sorted into one file per header."""

    file: LogFile
    folder: Path
    stack: ExitStack
    head: dict[str, str] = field(default_factory=dict)
    parts: dict[Header, tuple[Path, IO[bytes]]] = field(default_factory=dict)
    current: tuple[Header, IO[bytes]] | None = None

    def take(self, lines: bytes) -> None:
        """Take in lines of JSON; in the place of one that is too long lies one that is no JSON."""
        if self.current is None:
            self.current = self._opened(self.file.header)
        self.current[1].write(lines)

    def add(self, lines: bytes) -> None:
        """Take in one line or more; those of several begin with no `#`."""
        if lines.startswith(b"#"):
            text = lines.decode("latin-1").rstrip("\r\n")
            key = next((key for key in KEYS if text.startswith(key)), None)
            if key is not None:
                self.head[key] = text
                self.current = None
            return
        head, stream = self.current = self.current or self._part()
        if lines == TOO_MUCH:
            stream.write(_marked(b"", head, OVERLONG))
        else:
            stream.write(lines if lines.endswith((b"\n", b"\r")) else _marked(lines, head, CUT))

    def _part(self) -> tuple[Header, IO[bytes]]:
        """The header that holds from here on, and the file of the lines below it."""
        try:
            head = zeek.header(self.head[key] for key in KEYS if key in self.head)
        except LogError as error:
            raise self._refused(f"{error.message} (in one of its headers)") from None
        if head is None or head.path != self.file.header.path:
            raise self._refused("its #path changes: it holds more than one log")
        return self._opened(head)

    def _opened(self, head: Header) -> tuple[Header, IO[bytes]]:
        if head not in self.parts:
            place = self.folder / f"{len(self.parts)}.log"
            self.parts[head] = place, self.stack.enter_context(place.open("wb"))
        return head, self.parts[head][1]

    def _refused(self, message: str) -> LogError:
        return LogError(message, where=self.file.path, fix=SPLIT_FIX)


def _lines(path: Path) -> Iterator[bytes]:
    """Lines that begin with `#` one by one, those between them together, the last perhaps cut.

    In the place of a line that is too long comes TOO_MUCH.
    """
    rest, over, begun = b"", False, False
    for piece in packing.blocks(path):
        block, begun = piece if begun else piece.removeprefix(packing.BOM), True
        first = block.find(b"\n")
        if over or len(rest) + (len(block) if first < 0 else first) > LONGEST_LINE:
            if not over:
                yield TOO_MUCH
            over = first < 0
            rest, block = b"", b"" if over else block[first + 1 :]
        whole, end, rest = (rest + block).rpartition(b"\n")
        yield from _pieces((whole + end).replace(JOINT, b"\n#"))
    yield from _pieces(rest)


def _pieces(lines: bytes) -> Iterator[bytes]:
    begin = 0
    while begin < len(lines):
        if lines.startswith(b"#", begin):
            end = lines.find(b"\n", begin) + 1
        else:
            end = lines.find(b"\n#", begin) + 1
        end = end or len(lines)
        yield lines[begin:end]
        begin = end


def _marked(lines: bytes, head: Header, mark: str) -> bytes:
    """The lines; the last, which is no record, gets one field too many: a mark that says why."""
    separator = head.separator.encode("latin-1")
    before, end, line = lines.rpartition(b"\n")
    cells = line.split(separator)[: len(head.fields)]
    cells += [b""] * (len(head.fields) - len(cells))
    return before + end + separator.join([*cells, mark.encode()]) + b"\n"
