"""The book of all trainings over one checkpoints folder, in SQLite.

Write-ahead logging: a process that is killed at any moment leaves the last whole entry, and those
who read never wait. Each entry is one transaction that begins by taking the right to write, so
that two servers on one folder never start one training twice. That no two trainings to one name
are open at a time is an index of the table, so no process can get around it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mods import paths
from mods.errors import ResourceError
from mods.jobs import tables
from mods.jobs.job import OPEN, Job, NoJobError, TakenError

FILE = "jobs.db"
PATIENCE = 20.0
NEWER = "it was written by a newer mods"
MENDS = {
    "READONLY": "Ask who may write there",
    "CANTOPEN": "See who may read and write there",
    "FULL": "Free some space",
    "IOERR": "Free some space, or see whether the disk is well",
    "BUSY": "Try again later",
}


class Book:
    """The book in a folder (default: under checkpoints/); made when the first entry is written."""

    def __init__(self, folder: str | os.PathLike[str] | None = None) -> None:
        self.folder = Path(folder) if folder is not None else paths.jobs()
        self.path = self.folder / FILE

    @property
    def writable(self) -> bool:
        """Whether we may write in it; where not, it can still be read."""
        return all(os.access(one, os.W_OK) for one in (self.folder, self.path) if one.exists())

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection, which makes the book where there is none.

        Raises ResourceError where it cannot be read or written.
        """
        try:
            db = self._opened()
        except (sqlite3.Error, OSError) as error:
            raise self._refused(error) from None
        try:
            yield db
        except sqlite3.IntegrityError:
            raise
        except sqlite3.Error as error:
            raise self._refused(error) from None
        finally:
            db.close()

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that no other can write beside; nothing of it stays where it fails."""
        with self.reading() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")

    def jobs(self, *states: str, newest: int = -1) -> list[Job]:
        """All trainings, or those in these states, in the order in which they were asked for.

        newest: at most so many, the last that were asked for; -1 is all
        """
        if not self.path.exists():
            return []
        with self.reading() as db:
            return tables.listed(db, *states, newest=newest)

    def counts(self) -> dict[str, int]:
        """How many trainings are in each state that any is in."""
        if not self.path.exists():
            return {}
        with self.reading() as db:
            return tables.counts(db)

    def find(self, key: str) -> Job:
        """The training of that id, or of the only id that begins so; raises NoJobError."""
        found: list[Job] = []
        if key and key.isascii() and self.path.exists():
            with self.reading() as db:
                found = tables.begun(db, key)
        if len(found) == 1:
            return found[0]
        fix = "Give more of its id" if found else "See mods jobs"
        raise NoJobError("several trainings" if found else "no such training", where=key, fix=fix)

    def curve(self, key: str) -> list[tuple[int, float | None, float | None]]:
        """Epoch, loss and validation loss of each epoch of a training."""
        with self.reading() as db:
            words = "SELECT epoch, loss, val_loss FROM epochs WHERE job = ? ORDER BY epoch"
            return [tuple(row) for row in db.execute(words, (key,))]

    def add(self, job: dict[str, Any]) -> None:
        """Enter a training.

        Raises TakenError where one to that name is open, FullError where too many wait.
        """
        names = ", ".join(job)
        marks = ", ".join(f":{name}" for name in job)
        try:
            with self.writing() as db:
                tables.room(db)
                db.execute(f"INSERT INTO jobs ({names}) VALUES ({marks})", job)  # noqa: S608 # nosec B608 # Job's fields
        except sqlite3.IntegrityError:
            raise self.taken(job["models"], job["model_name"]) from None

    def taken(self, models: str, name: str) -> TakenError:
        """The error that names the training which holds a name."""
        holders = [j for j in self.jobs(*OPEN) if (j.models, j.model_name) == (models, name)]
        said = f"is {holders[0].state} ({holders[0].id[:8]})" if holders else "has only just ended"
        return TakenError(
            f"another training to this name {said}",
            where=name,
            fix="Choose another name, or wait for it, or cancel it with mods jobs cancel",
        )

    def told(self, key: str, epoch: int, errors: dict[str, float]) -> None:
        """Enter an epoch and its errors."""
        with self.writing() as db:
            db.execute(
                "INSERT OR REPLACE INTO epochs VALUES (?, ?, ?, ?, ?)",
                (key, epoch, errors["loss"], errors["val_loss"], time.time()),
            )

    def limits(self, **changed: int) -> dict[str, int]:
        """How many trainings run at once, how many may wait, how often one is resumed; also set."""
        with self.writing() as db:
            for item in changed.items():
                db.execute("INSERT OR REPLACE INTO limits VALUES (?, ?)", item)
            return tables.limits(db)

    def _opened(self) -> sqlite3.Connection:
        self.folder.mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(self._address(), timeout=PATIENCE, isolation_level=None, uri=True)
        try:
            self._prepare(db)
        except BaseException:
            db.close()
            raise
        return db

    def _address(self) -> str:
        """The file, as one who may not write has to ask for it.

        Beside a log of writes he needs its index; where there is none nobody is writing.
        """
        address = self.path.absolute().as_uri()
        if self.writable or not self.path.exists():
            return address
        used = self.path.with_name(f"{FILE}-shm").exists()
        return f"{address}?{'mode=ro' if used else 'immutable=1'}"

    def _prepare(self, db: sqlite3.Connection) -> None:
        db.row_factory = sqlite3.Row
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if version > tables.VERSION:
            raise sqlite3.DatabaseError(NEWER)
        if version < tables.VERSION:
            self._make(db)
        db.execute("PRAGMA synchronous = NORMAL")  # nothing is lost by a kill
        db.execute("PRAGMA foreign_keys = ON")

    def _make(self, db: sqlite3.Connection) -> None:
        """One process at a time: SQLite does not wait where two change the kind of journal."""
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            db.execute("PRAGMA journal_mode = WAL")
            db.executescript(tables.SCHEMA)
        finally:
            os.close(folder)

    def _refused(self, error: Exception) -> ResourceError:
        name = (
            getattr(error, "sqlite_errorname", "") if isinstance(error, sqlite3.Error) else "FULL"
        )
        kind = name.removeprefix("SQLITE_").partition("_")[0]
        fix = MENDS.get(kind, "Move the file away to begin a new one")
        if str(error) == NEWER:
            fix = "Upgrade mods, or move the file away to begin a new one"
        said = f"the book of trainings cannot be used: {error}"
        return ResourceError(said, where=self.path, fix=fix)
