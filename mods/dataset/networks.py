"""Zeek's networks.cfg: the networks that a Zeek site says are its own."""

from __future__ import annotations

from pathlib import Path

from mods.errors import InputError

NAME = "networks.cfg"
FIX = "Mend it, name another with --networks_cfg, or pass --local_networks"


def find(logs: Path) -> Path | None:
    """The networks.cfg in the log folder, its `etc`, or the `etc` of a folder above it.

    Zeek's logs lie in /opt/zeek/logs, its networks.cfg in /opt/zeek/etc.
    """
    place = logs.absolute() if logs.is_dir() else logs.absolute().parent
    tried = [place / NAME, *(folder / "etc" / NAME for folder in (place, *place.parents))]
    return next((path for path in tried if path.is_file()), None)


def read(path: Path) -> tuple[str, ...]:
    """The networks it lists, one per line, as they are written; what follows one is a remark.

    Raises InputError where it cannot be read.
    """
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "is no text"
        raise InputError(f"cannot be read ({reason})", where=path, fix=FIX) from None
    words = (line.partition("#")[0].split() for line in lines)
    return tuple(found[0] for found in words if found)
