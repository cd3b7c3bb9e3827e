"""The tables of the book of trainings, and each question and change that is put to them."""

from __future__ import annotations

import json
import sqlite3
import time
from typing import Any

from mods.jobs.job import ENDED, INTERRUPTED, OPEN, QUEUED, RUNNING, FullError, Job, progress

VERSION = 1
LIMITS = {"at_once": 1, "waiting": 100, "resumes": 3}
PACE = 32  # epochs that the pace of a training is taken from


def _listed(states: tuple[str, ...]) -> str:
    return ", ".join(f"'{one}'" for one in states)


SCHEMA = f"""
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY, model_name TEXT NOT NULL, models TEXT NOT NULL,
    arguments TEXT NOT NULL, epochs INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ({_listed(OPEN + ENDED)})),
    created REAL NOT NULL, started REAL, ended REAL,
    resumes INTEGER NOT NULL DEFAULT 0, cancel REAL NOT NULL DEFAULT 0,
    pid INTEGER, ticks INTEGER, result TEXT, error TEXT
);
CREATE UNIQUE INDEX IF NOT EXISTS open_names ON jobs (models, model_name)
    WHERE state IN ({_listed(OPEN)});
CREATE TABLE IF NOT EXISTS epochs (
    job TEXT NOT NULL REFERENCES jobs ON DELETE CASCADE,
    epoch INTEGER NOT NULL, loss REAL, val_loss REAL, at REAL NOT NULL,
    PRIMARY KEY (job, epoch)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS limits (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
PRAGMA user_version = {VERSION};
COMMIT;
"""
WITH_PROGRESS = f"""
SELECT jobs.*, last.epoch, last.loss, last.val_loss, last.at,
       begun.epoch AS first, begun.at AS since
FROM jobs
LEFT JOIN epochs AS last ON last.job = jobs.id
    AND last.epoch = (SELECT max(epoch) FROM epochs WHERE job = jobs.id)
LEFT JOIN epochs AS begun ON jobs.state = '{RUNNING}' AND begun.job = jobs.id
    AND begun.epoch = max(last.epoch - {PACE},
        (SELECT min(epoch) FROM epochs WHERE job = jobs.id AND at >= jobs.started))
"""  # nosec B608 # put together from constants


def listed(db: sqlite3.Connection, *states: str, newest: int = -1) -> list[Job]:
    """The trainings in these states, all where none is given, in their order; of many the last."""
    wanted = f"WHERE jobs.state IN ({_listed(states)})" if states else ""
    words = f"{WITH_PROGRESS} {wanted} ORDER BY jobs.rowid DESC LIMIT ?"
    return [_job(dict(row)) for row in db.execute(words, (newest,))][::-1]


def begun(db: sqlite3.Connection, beginning: str) -> list[Job]:
    """The trainings whose id begins so, in their order; two of them at most."""
    words = f"{WITH_PROGRESS} WHERE substr(jobs.id, 1, ?) = ? ORDER BY jobs.rowid LIMIT 2"
    return [_job(dict(row)) for row in db.execute(words, (len(beginning), beginning))]


def counts(db: sqlite3.Connection) -> dict[str, int]:
    """How many trainings are in each state that any is in."""
    return dict(map(tuple, db.execute("SELECT state, count(*) FROM jobs GROUP BY state")))


def move(
    db: sqlite3.Connection, key: str, states: tuple[str, ...], to: str, **columns: Any
) -> bool:
    """Bring a training from one of these states to another; whether it was in one of them.

    What does not run any more has ended now, what was interrupted, too.

    Raises sqlite3.IntegrityError where its name is taken meanwhile.
    """
    values = {"state": to, **columns}
    if to in (*ENDED, INTERRUPTED):
        values["ended"] = time.time()
    changes = ", ".join(f"{name} = :{name}" for name in values)
    words = f"UPDATE jobs SET {changes} WHERE id = :id AND state IN ({_listed(states)})"  # noqa: S608 # nosec B608 # constants
    return db.execute(words, {**values, "id": key}).rowcount == 1


def limits(db: sqlite3.Connection) -> dict[str, int]:
    """What `Book.limits` says."""
    return {**LIMITS, **dict(db.execute("SELECT name, value FROM limits"))}


def room(db: sqlite3.Connection) -> None:
    """Raise FullError where as many wait as may."""
    (waiting,) = db.execute("SELECT count(*) FROM jobs WHERE state = ?", (QUEUED,)).fetchone()
    if waiting >= limits(db)["waiting"]:
        raise FullError(
            f"{waiting} trainings wait already",
            where="mods jobs",
            fix="Try again later, cancel some, or allow more with mods jobs limits --waiting",
        )


def _job(row: dict[str, Any]) -> Job:
    told = {name: row[name] and json.loads(row[name]) for name in ("arguments", "result", "error")}
    same = ("id", "model_name", "models", "state", "created", "started", "ended", "resumes")
    return Job(
        **{name: row[name] for name in same},
        **told,
        progress=progress(row),
        pid=row["pid"],
        ticks=row["ticks"],
        cancel=row["cancel"] or None,
    )
