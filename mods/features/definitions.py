"""Features of users and packaged sets, read from TOML or YAML files: rows, never code.

[[feature]]
log = "conn"
name = "failed"
aggregate = "count"
where = "conn_state in ['S0', 'REJ']"
direction = ["in", "out"]
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import Any

from mods.errors import SettingError
from mods.features.catalog import FEATURES, Catalogue, Feature
from mods.features.entries import EXAMPLE, Entry

PACKAGED = ("security",)
LARGEST_FILE = 1 << 20


def catalogue(files: Iterable[str | Path]) -> Catalogue:
    """The reference's features and those of some files, or of packaged sets (`security`).

    Raises SettingError, with file, feature and what is wrong, for the first that cannot be meant.
    """
    rows: list[Feature] = []
    for file in dict.fromkeys(str(one) for one in files):
        where = file if file not in PACKAGED else f"the packaged {file}"
        for number, entry in enumerate(_entries(file, where), start=1):
            rows.append(Entry(entry, f"{where}: feature {number}").feature([*FEATURES, *rows]))
    for one in rows:
        _check_ratio(one, [*FEATURES, *rows])
    return Catalogue(tuple(rows))


def _entries(file: str, where: str) -> list[Any]:
    """The entries of a file under `feature`."""
    found = _read(file, where)
    entries = found.get("feature") if isinstance(found, dict) else None
    if not isinstance(entries, list) or not entries or set(found) != {"feature"}:
        raise SettingError("holds no list called feature, and that alone", where=where, fix=EXAMPLE)
    return entries


def _read(file: str, where: str) -> Any:
    try:
        if file in PACKAGED:
            return tomllib.loads(resources.files(__package__).joinpath(f"{file}.toml").read_text())
        path = Path(file)
        if path.stat().st_size > LARGEST_FILE:
            raise SettingError(f"is larger than {LARGEST_FILE} bytes", where=where)
        text = path.read_text("utf-8-sig")
        if path.suffix in (".yaml", ".yml"):
            return _yaml(text, where)
        return tomllib.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SettingError(
            f"cannot be read: {reason}", where=where, fix=f"Give a file, or {PACKAGED[0]}"
        ) from None


def _yaml(text: str, where: str) -> Any:
    import yaml

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise SettingError(f"is no YAML: {error}", where=where, fix=EXAMPLE) from None


def _check_ratio(one: Feature, rows: Iterable[Feature]) -> None:
    """Both features of a ratio are there, in its directions, and are no ratios themselves."""
    known = {row.name: row for row in rows if row.protocol == one.protocol and row.over is None}
    for name in one.over or ():
        if name not in known or not {*one.directions} <= {*known[name].directions}:
            raise SettingError(
                f"{name!r} is no feature of {one.protocol} in {', '.join(one.directions)}",
                where=f"{one.protocol} {one.name}",
                fix=f"There are {', '.join(key for key in known if key)}",
            )
