"""What is entered stays, whoever is killed; one open training to a name, whoever asks."""

import contextlib
import gc
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from mods.errors import ResourceError
from mods.jobs.book import Book
from mods.jobs.job import DONE, INTERRUPTED, QUEUED, RUNNING, FullError, NoJobError, TakenError
from mods.jobs.tables import move
from mods.tests.jobs.conftest import entry

KILLS = 6
CLOSED = "-dac_override,-dac_read_search"
WITHOUT_ROOT = ("setpriv", f"--bounding-set={CLOSED}", f"--inh-caps={CLOSED}")
WRITER = """
import sys
from mods.jobs.book import Book
book = Book(sys.argv[1])
for epoch in range(int(sys.argv[2]), 1_000_000):
    book.told("a", epoch, {"loss": epoch / 2, "val_loss": epoch / 4})
    print(epoch, flush=True)
"""


def test_asking_an_empty_book_makes_nothing(book, base):
    assert book.jobs() == []
    with pytest.raises(NoJobError, match="no such training"):
        book.find("a")
    assert not list(base.iterdir())


def test_a_training_is_told_with_progress_and_what_is_left(book):
    book.add(entry("a"))
    with book.writing() as db:
        move(db, "a", (QUEUED,), RUNNING, started=1000.0)
        db.executemany(
            "INSERT INTO epochs VALUES ('a', ?, ?, ?, ?)",
            [(1, 0.9, 0.8, 900.0), (2, 0.7, 0.6, 1060.0), (3, 0.5, 0.6, 1062.0)],
        )
    assert book.find("a").progress.seconds_left is None  # there is no pace yet
    with book.writing() as db:
        db.execute("INSERT INTO epochs VALUES ('a', 4, 0.5, 0.6, 1066.0)")
    job = book.find("a")
    assert (job.progress.epoch, job.progress.epochs, job.progress.share) == (4, 20, 0.2)
    assert job.progress.seconds_left == 16 * 3.0  # epoch 1 was earlier, 2 has paid for the start
    assert book.curve("a") == [(1, 0.9, 0.8), (2, 0.7, 0.6), (3, 0.5, 0.6), (4, 0.5, 0.6)]


def test_what_is_left_follows_the_pace_of_the_last_epochs(book):
    book.add(entry("a", epochs=200))
    epochs = [(number, 0.5, 0.5, 1000.0 + number) for number in range(1, 101)]
    slower = [(100 + number, 0.5, 0.5, 1100.0 + 5 * number) for number in range(1, 41)]
    with book.writing() as db:
        move(db, "a", (QUEUED,), RUNNING, started=1000.0)
        db.executemany("INSERT INTO epochs VALUES ('a', ?, ?, ?, ?)", epochs + slower)
    assert book.find("a").progress.seconds_left == 60 * 5.0


def test_a_loss_that_is_no_number_is_unknown(book):
    book.add(entry("a"))
    book.told("a", 1, {"loss": float("nan"), "val_loss": 0.5})
    assert book.find("a").record()["progress"]["loss"] is None


def test_a_beginning_of_an_id_will_do_where_it_is_the_only_one(book):
    book.add(entry("abc", "one"))
    book.add(entry("abd", "two"))
    assert book.find("abd").model_name == "two"
    with pytest.raises(NoJobError, match="several"):
        book.find("ab")
    for key in ("", "\udcff"):
        with pytest.raises(NoJobError):
            book.find(key)


def test_second_open_training_to_a_name_is_refused_with_the_first_ones_id(book):
    book.add(entry("firstborn"))
    with pytest.raises(TakenError, match=r"is queued \(firstbor\)") as caught:
        book.add(entry("b"))
    assert caught.value.status == 409
    book.add(entry("c", models="/elsewhere"))
    with book.writing() as db:
        move(db, "firstborn", (QUEUED,), INTERRUPTED)
    with pytest.raises(TakenError, match="interrupted"):
        book.add(entry("d"))
    with book.writing() as db:
        move(db, "firstborn", (INTERRUPTED,), DONE)
    book.add(entry("e"))


def test_of_many_at_once_to_one_name_one_gets_it(book):
    def ask(key):
        try:
            Book(book.folder).add(entry(key))
        except TakenError:
            return False
        return True

    with ThreadPoolExecutor(8) as clients:
        assert sum(clients.map(ask, "abcdefgh")) == 1
    assert len(book.jobs()) == 1


def test_writers_killed_at_any_moment_lose_nothing_that_was_acknowledged(book):
    chance, last = random.Random(7), 0
    book.add(entry("a"))
    for _ in range(KILLS):
        words = [sys.executable, "-c", WRITER, str(book.folder), str(last + 1)]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as writer:  # noqa: S603
            told = [int(writer.stdout.readline())]
            time.sleep(chance.uniform(0, 0.2))
            writer.kill()
            told += map(int, writer.stdout.read().split())
        kept = [epoch for epoch, *_ in book.curve("a")]
        assert kept == list(range(1, kept[-1] + 1)) and kept[-1] >= told[-1]
        last = kept[-1]
    with book.reading() as db:
        assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


def test_a_transaction_that_fails_leaves_nothing(book):
    book.add(entry("a"))
    with pytest.raises(KeyboardInterrupt), book.writing() as db:
        move(db, "a", (QUEUED,), RUNNING)
        raise KeyboardInterrupt
    assert book.find("a").state == QUEUED


def test_what_is_no_book_is_told_in_one_line(book):
    book.folder.mkdir(parents=True)
    book.path.write_bytes(b"not a database" * 100)
    with pytest.raises(ResourceError, match="not a database") as caught:
        book.jobs()
    assert "Move the file away" in str(caught.value)


def test_book_of_a_newer_mods_is_left_to_it(book):
    book.folder.mkdir(parents=True)
    with contextlib.closing(sqlite3.connect(book.path)) as db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(ResourceError, match="newer mods. Upgrade mods"):
        book.jobs()


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="there is no setpriv")
@pytest.mark.parametrize("used", [False, True])
def test_who_may_not_write_reads(book, used):
    """Also beside one who writes; what is to be changed is refused with the reason."""
    book.add(entry("a"))
    writer = sqlite3.connect(book.path) if used else None
    if used:
        writer.execute("INSERT INTO limits VALUES ('at_once', 2)")
        writer.commit()
    for place in (book.folder, *book.folder.iterdir()):
        place.chmod(0o555 if place.is_dir() else 0o444)
    try:
        words = [*WITHOUT_ROOT, sys.executable, "-m", "mods", "jobs"]
        told = subprocess.run(words, capture_output=True, text=True, check=True)
        assert told.stdout.splitlines()[1].split()[:3] == ["a", "week", "queued"]
        words = [*words, "cancel", "a"]
        refused = subprocess.run(words, capture_output=True, text=True, check=False)
        assert refused.returncode == 5 and "Ask who may write there" in refused.stderr
    finally:
        book.folder.chmod(0o755)
        if used:
            writer.close()


def test_book_that_cannot_be_used_keeps_no_file_open(book):
    """Closed by us, not whenever the garbage is collected."""
    book.folder.mkdir(parents=True)
    book.path.write_bytes(b"not a database" * 100)
    opened = len(os.listdir("/proc/self/fd"))
    gc.disable()
    try:
        held = []
        for _ in range(5):
            with pytest.raises(ResourceError) as caught:
                book.jobs()
            held.append(caught)  # with its traceback, and so what was opened
        assert len(os.listdir("/proc/self/fd")) == opened
    finally:
        gc.enable()


def test_a_book_of_a_newer_mods_is_left_alone(book):
    book.add(entry("a"))
    with sqlite3.connect(book.path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(ResourceError, match="newer mods"):
        book.jobs()


def test_limits_are_those_of_the_book_not_of_a_process(book):
    assert book.limits() == {"at_once": 1, "waiting": 100, "resumes": 3}
    book.limits(at_once=2)
    assert Book(book.folder).limits() == {"at_once": 2, "waiting": 100, "resumes": 3}


def test_no_more_wait_than_may(book):
    book.limits(waiting=2)
    book.add(entry("a", "one"))
    book.add(entry("b", "two"))
    with pytest.raises(FullError, match="2 trainings wait already") as caught:
        book.add(entry("c", "three"))
    assert caught.value.status == 429
    assert len(book.jobs()) == 2
