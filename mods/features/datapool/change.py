"""changing(): days of windows, and what else a pool keeps, take effect together or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pandas as pd

from mods.errors import DatapoolError, ResourceError
from mods.features.datapool import about, draft, exchange, places, tables, writer
from mods.features.datapool.about import About
from mods.features.datapool.places import Place
from mods.window import Window


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
        """The draft. Files in it may be added and removed, never written into: old ones are shared."""
        if not self.begun and self.pool.is_dir() and not self.anew:
            draft.copy(self.pool, self._fresh)
        self._fresh.mkdir(exist_ok=True)
        return self._fresh

    def windows(self) -> set[str]:
        """The names of the windows that the pool holds."""
        return set() if self.anew else {one.window for one in writer.there(self.pool)}

    def says(self, mine: About) -> About:
        """What the pool will say about itself; DatapoolError where it says something else now."""
        known = About() if self.anew else about.read(self.pool)
        return known.joined(mine, self.pool)

    def replace(
        self,
        new: dict[str, pd.DataFrame],
        window: Window,
        days: Collection[date],
        mine: About,
        layout: str,
    ) -> int:
        """Let the windows that start on some days be those of the tables; how many files changed.

        new:  tables per protocol, by `window_start` (UTC); none that starts on another day
        """
        says = self.says(mine)
        there = [] if self.anew else writer.there(self.pool)
        old = [one for one in there if one.window == str(window) and one.day.date() in days]
        found = any(len(table) for table in new.values())
        files = dict(draft.days(new, [], window)) if found else {}
        same = _same(files, [one for one in old if _lies(one, self.pool, layout)])
        fresh = {place: text for place, text in files.items() if place.key not in same}
        gone = [place for place in old if place.key not in same]
        draft.remove(self.folder, self.pool, gone)
        draft.store(self.folder, fresh.items(), layout, draft.averages(new))
        _say(self.folder, says)
        return len({place.key for place in [*fresh, *gone]})


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


def _same(files: dict[Place, bytes], old: list[Place]) -> set[str]:
    """The keys of the days that hold already what they shall; one that is broken does not."""
    contents, _ = places.read(old)
    texts = {place.key: text for place, text in files.items()}
    return {
        place.key
        for place, content in contents.items()
        if place.key in texts and tables.as_text(place, content) == texts[place.key]
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
