"""All files under a folder, each once, whatever links lead there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from mods.dataset import packing
from mods.dataset.lost import Lost
from mods.errors import LogError

Skipped = list[tuple[Path, str]]


def files(place: Path, skipped: Skipped, *, skip_broken: bool = False) -> Iterator[Path]:
    """The files in the order of their paths; what is not looked at is added to `skipped`.

    A link to a folder outside is followed (`current` of a Zeek site leads to its spool). Raises
    LogError for a folder that is closed to us, unless `skip_broken`.
    """
    if not place.is_dir():
        yield place
        return

    def closed(error: OSError) -> None:
        if not skip_broken:
            raise LogError(packing.reason(error), where=error.filename, fix=packing.FIX)
        skipped.append((Path(error.filename), Lost.of(packing.reason(error), "")))

    seen: dict[tuple[int, int], Path] = {}
    roots, tops = [place.resolve()], [place]
    for top in tops:
        for folder, folders, names in os.walk(top, onerror=closed):
            folders.sort()
            for link in (Path(folder, name) for name in folders if Path(folder, name).is_symlink()):
                target = link.resolve()
                if any(_nested(target, root) for root in roots):
                    skipped.append((link, f"a link to {target}, which is looked through anyway"))
                else:
                    roots.append(target)
                    tops.append(link)
            for path in (Path(folder, name) for name in sorted(names)):
                first = seen.setdefault(_inode(path), path)
                if first is path:
                    yield path
                else:
                    skipped.append((path, f"the same file as {first}"))


def _nested(one: Path, other: Path) -> bool:
    return one.is_relative_to(other) or other.is_relative_to(one)


def _inode(path: Path) -> tuple[int, int]:
    """What tells a file from all others; a dangling link is a file of its own."""
    try:
        found = path.stat()
    except OSError:
        found = path.lstat()
    return found.st_dev, found.st_ino
