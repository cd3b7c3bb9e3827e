"""datapool.json: what a pool says about itself, so that nothing unlike is mixed with it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from mods.errors import DatapoolError
from mods.features.datapool import parts

FILE = "datapool.json"
FORMAT = 1


@dataclass(frozen=True)
class Incomplete:
    """A log that was left out as broken, when the records were that it lost ('': not known), UTC.

    protocol:  whose windows lack them, '' where not even that is known
    """

    protocol: str
    begin: str
    end: str
    file: str
    reason: str


@dataclass(frozen=True)
class About:
    """Windows, local networks and catalogue of a pool; both None for a pool of the reference.

    averages:  (protocol, column) of the columns in which an empty cell is missing, not zero; those
        named avg_ need not be told
    by:  what tells the entities apart that have pools of their own in here, '' without
    entities:  their names; entity:  whose pool this is, '' for the whole
    features:  the features that are not of the reference, as JSON
    incomplete:  the logs that were left out as broken
    """

    windows: tuple[str, ...] = ()
    local_networks: tuple[str, ...] | None = None
    catalogue: str | None = None
    averages: frozenset[tuple[str, str]] = frozenset()
    by: str = ""
    entities: tuple[str, ...] = ()
    entity: str = ""
    features: str = "[]"
    incomplete: tuple[Incomplete, ...] = ()

    def text(self) -> str:
        """The bytes of datapool.json."""
        record: dict[str, object] = {
            "format": FORMAT,
            "windows": sorted(self.windows),
            "local_networks": list(self.local_networks or ()),
            "catalogue": self.catalogue,
        }
        if self.averages:
            record["averages"] = sorted("|".join(one) for one in self.averages)
        if self.by:
            record |= {"by": self.by, "entities": sorted(self.entities)}
        if self.entity:
            record["entity"] = self.entity
        if self.features != "[]":
            record["features"] = json.loads(self.features)
        if self.incomplete:
            record["incomplete"] = [asdict(one) for one in self.incomplete]
        return json.dumps(record, indent=2) + "\n"

    def joined(self, other: About, where: Path) -> About:
        """The pool after `other` is written into it; DatapoolError where they do not match."""
        if self.local_networks is None:
            return other
        mine, theirs = (sorted(set(one.local_networks or ())) for one in (self, other))
        if mine != theirs:
            raise _mismatch("local networks", ", ".join(mine), ", ".join(theirs), where)
        if self.catalogue != other.catalogue:
            raise _mismatch("the catalogue", self.catalogue, other.catalogue, where)
        windows = tuple(sorted({*self.windows, *other.windows}))
        averages = self.averages | other.averages
        if self.by != other.by:
            raise _mismatch("entities by", self.by, other.by, where)
        entities = tuple(sorted({*self.entities, *other.entities}))
        return replace(
            self,
            windows=windows,
            averages=averages,
            entities=entities,
            features=other.features,
            incomplete=other.incomplete,
        )


def read(path: Path) -> About:
    """What the pool at `path` (its folder, or one zip in it) says; nothing where it is silent."""
    file = (path if path.is_dir() else path.parent) / FILE
    if not file.is_file():
        return About()
    try:
        record = json.loads(file.read_text("utf-8"))
        networks = tuple(str(network) for network in record["local_networks"])
        windows = tuple(str(window) for window in record["windows"])
        named = [str(one).partition("|") for one in record.get("averages", ())]
        averages = frozenset((protocol, column) for protocol, _, column in named)
        return About(
            windows,
            networks,
            str(record["catalogue"]),
            averages,
            by=str(record.get("by", "")),
            entities=tuple(str(name) for name in record.get("entities", ())),
            entity=str(record.get("entity", "")),
            features=json.dumps(record.get("features", [])),
            incomplete=tuple(Incomplete(**one) for one in record.get("incomplete", ())),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DatapoolError(
            f"cannot be read: {error}", where=file, fix="Restore it, or make the pool anew"
        ) from None


def whole(path: Path) -> Path | None:
    """The pool that the one at `path` is a part of (--by); None where it is none."""
    mine, above = read(path).entity, path.absolute().parent
    if not mine or above.name != parts.BY or mine not in read(above.parent).entities:
        return None
    return above.parent


def refuse_part(path: Path) -> None:
    """Raise DatapoolError for the part of an entity: it is written together with its pool."""
    pool = whole(path)
    if pool is not None:
        raise DatapoolError(
            f"is the part of {read(path).entity}, which says nothing of when all were silent",
            where=path,
            fix=f"Give {pool}",
        )


def refuse_single(path: Path) -> None:
    """Raise DatapoolError for the part of an entity, where the whole is needed to read many."""
    pool = whole(path)
    if pool is not None:
        entity = read(path).entity
        raise DatapoolError(
            f"is the part of {entity} alone, and the model is of many",
            where=path,
            fix=f"Give the whole: --data {pool} --entities {entity}",
        )


def _mismatch(what: str, mine: str | None, theirs: str | None, where: Path) -> DatapoolError:
    return DatapoolError(
        f"was made with {what} {mine or 'none'}, not {theirs or 'none'}",
        where=where,
        fix="Give another --output, the same settings, or make it anew with --rebuild",
    )
