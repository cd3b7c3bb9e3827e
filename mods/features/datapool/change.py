"""changing(): days of windows, and what else a pool keeps, take effect together or not at all.

The new pool is built as a draft beside the old one, which shares the files that stay, and takes its
place in one step; whatever fails before that leaves the old pool as it was.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from mods.errors import DatapoolError, ResourceError
from mods.features.datapool import about, draft, exchange, formats, places
from mods.features.datapool.about import About
from mods.features.datapool.places import Place
from mods.features.table import Table
from mods.window import Window

log = logging.getLogger(__name__)


class Change:
    """A pool that is being changed: `folder` is the draft that will take the pool's place.

    anew:  begin with an empty draft, so that nothing of the old pool stays
    """

    def __init__(self, pool: Path, fresh: Path, *, anew: bool = False) -> None:
        self.pool, self.anew, self._fresh = pool, anew, fresh

    @property
    def begun(self) -> bool:
        """Whether anything was changed."""
        return self._fresh.exists()

    @property
    def folder(self) -> Path:
        """The draft. Replace its files, never write into them: the old ones are the pool's too."""
        if not self.begun and self.pool.is_dir() and not self.anew:
            draft.copy(self.pool, self._fresh)
        self._fresh.mkdir(exist_ok=True)
        return self._fresh

    def windows(self) -> set[str]:
        """The names of the windows that the pool holds."""
        return set() if self.anew else {one.window for one in there(self.pool)}

    def says(self, mine: About) -> About:
        """What the pool will say about itself; DatapoolError where it says something else now."""
        known = About() if self.anew else about.read(self.pool)
        return known.joined(mine, self.pool)

    def replace(
        self,
        new: dict[str, Table],
        window: Window,
        days: Collection[date],
        mine: About,
        layout: str,
    ) -> int:
        """Let the windows that start on some days be those of the tables; how many days changed.

        new:  tables per protocol, by `window_start` (UTC); none that starts on another day
        """
        old = [one for one in self._known(window) if one.day.date() in days]
        found = any(len(table) for table in new.values())
        files = dict(draft.days(new, [], window)) if found else {}
        same = _same(files, [one for one in old if _lies(one, self.pool, layout)])
        fresh = {place: text for place, text in files.items() if place.key not in same}
        gone = [place for place in old if place.key not in same]
        self._settle(fresh, gone, mine, (layout, draft.averages(new)))
        return len({place.day for place in [*fresh, *gone]})

    def extend(self, new: dict[str, Table], window: Window, mine: About, layout: str) -> None:
        """Let windows from the first to the last of the tables be theirs; the others stay."""
        old = self._known(window)
        files = dict(draft.days(new, old, window))
        rewritten = {place.key for place in files} | _within(old, new)
        gone = [place for place in old if place.key in rewritten]
        self._settle(files, gone, mine, (layout, draft.averages(new)))

    def remove(self, places: list[Place]) -> None:
        """Take day files out."""
        draft.remove(self.folder, self.pool, places)

    def part(self, name: str) -> Change:
        """A pool inside this one, changed together with it."""
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        return Change(self.pool / name, folder, anew=self.anew)

    def _known(self, window: Window) -> list[Place]:
        return [] if self.anew else [one for one in there(self.pool) if one.window == str(window)]

    def _settle(
        self,
        files: Mapping[Place, bytes],
        gone: list[Place],
        mine: About,
        shape: tuple[str, dict[str, frozenset[str]]],
    ) -> None:
        says = self.says(mine)
        draft.remove(self.folder, self.pool, gone)
        draft.store(self.folder, files.items(), *shape)
        _say(self.folder, says)


@contextmanager
def changing(output: str | os.PathLike[str], *, anew: bool = False) -> Iterator[Change]:
    """Alone with a pool: what was changed when the block ends well takes effect as a whole.

    Raises ResourceError where the disk refuses or another process is writing; the pool stays as it
    was then, and wherever the block fails.
    """
    pool = Path(output).resolve()
    if pool.exists() and not pool.is_dir():
        raise DatapoolError("is a file, not a folder", where=pool, fix="Give another --output")
    fresh = exchange.beside(pool, "tmp")
    with writing(output), exchange.alone(pool):
        try:
            change = Change(pool, fresh, anew=anew)
            yield change
            if change.begun:
                exchange.swap(fresh, pool)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)


@contextmanager
def writing(where: object) -> Iterator[None]:
    """What the disk refuses, as an error of ours."""
    try:
        yield
    except OSError as error:
        raise ResourceError(
            f"cannot be written: {error.strerror or error}",
            where=where,
            fix="Free some space, or give another --output",
        ) from error


def there(pool: Path) -> list[Place]:
    """The places of the pool so far; DatapoolError where it is a file, or unlike ours."""
    if not pool.exists():
        return []
    listed = places.in_folder(pool)
    for error in listed.broken.values():
        log.warning("%s It is left as it is.", error)
    places.unique(listed)
    found = listed.places
    if found and not (pool / about.FILE).is_file():
        raise DatapoolError(
            f"holds windows but no {about.FILE}, so their local networks are not known",
            where=pool,
            fix="Give another --output",
        )
    return found


def _within(old: list[Place], new: dict[str, Table]) -> set[str]:
    """The old files of days from the first to the last new window."""
    starts = [datetime.fromtimestamp(one, UTC) for table in new.values() for one in table.starts]
    first, last = min(starts).date(), max(starts).date()
    return {place.key for place in old if first <= place.day.date() <= last}


def _same(files: dict[Place, bytes], old: list[Place]) -> set[str]:
    """The keys of the days that hold already what they shall; one that is broken does not."""
    contents, _ = places.read(old)
    texts = {place.key: text for place, text in files.items()}
    return {
        place.key
        for place, content in contents.items()
        if place.key in texts and formats.as_text(place, content) == texts[place.key]
    }


def _lies(place: Place, pool: Path, layout: str) -> bool:
    """Whether the file lies where this layout puts it."""
    if layout in draft.ZIPS:
        return place.source == pool / f"{place.day:{draft.ZIPS[layout]}}" and bool(place.member)
    return place.source == pool / f"{place.key}{'.parquet' if layout == 'parquet' else '.tsv'}"


def _say(folder: Path, says: About) -> None:
    path = folder / about.FILE
    if path.is_file() and path.read_text("utf-8") == says.text():
        return
    path.unlink(missing_ok=True)
    path.write_text(says.text(), "utf-8")
