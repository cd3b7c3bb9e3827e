"""Anonymize: Zeek logs -> the same logs with pseudonyms, to be given to somebody else."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mods.dataset import anonymizer
from mods.dataset.anonymizer import Pseudonymised
from mods.features import directions
from mods.request import AnonymizeRequest


@dataclass(frozen=True, eq=False)
class Anonymized:
    """What was written where; `networks` are the local networks among the pseudonyms."""

    output: Path
    done: Pseudonymised
    networks: tuple[str, ...]

    def record(self) -> dict[str, Any]:
        """Everything as a program reads it."""
        return {
            "output": str(self.output),
            "files": self.done.files,
            "records": self.done.written,
            "left_out": self.done.left_out,
            "fields_dropped": sorted(self.done.dropped),
            "local_networks": list(self.networks),
            "skipped": [{"file": str(path), "reason": why} for path, why in self.done.skipped],
        }

    def text(self) -> str:
        """The same for a person."""
        done = self.done
        lines = [
            f"pseudonymised, not anonymous: {done.files} files, {done.written:,} records "
            f"to {self.output}",
            f"left out: {done.left_out:,} lines that are no record",
            f"fields dropped: {', '.join(sorted(done.dropped)) or 'none'}",
            *(f"not written: {text}" for text in _reasons(done)),
            f"prepare them with --local_networks {','.join(self.networks)}",
        ]
        return "\n".join(lines)


def anonymize(request: AnonymizeRequest) -> Anonymized:
    """Write the logs again with pseudonyms under the key of `key_file`.

    Raises InputError for logs, an output or a key that cannot be used, ResourceError where the disk
    fails or the extra `anonymize` is not installed.
    """
    logs, output, place = Path(request.logs), Path(request.output), Path(request.key_file)
    local = directions.networks(request.local_networks) or directions.PRIVATE
    anonymizer.check(logs, output)
    with ExitStack() as made:
        if request.new_key:
            key = anonymizer.key.create(place)
            made.callback(place.unlink)  # a key under which nothing came is in the way of the next
        else:
            key = anonymizer.key.read(place)
        rewriter = anonymizer.Rewriter(key)
        done = anonymizer.pseudonymise(logs, output, rewriter)
        made.pop_all()
    return Anonymized(output, done, tuple(rewriter.addresses.network(one) for one in local))


def _reasons(done: Pseudonymised) -> list[str]:
    """A line per reason, with the first file it holds for."""
    first: dict[str, Path] = {}
    for path, why in done.skipped:
        first.setdefault(why, path)
    counts = Counter(why for _, why in done.skipped)
    return [f"{count} files, as {first[why]}: {why}" for why, count in counts.items()]
