"""Trainings wait, run, die and are found, with real processes; none of them needs Keras."""

import json
import os
import threading
import time

import pytest

from mods.errors import DatapoolError, ResourceError, SettingError
from mods.jobs import logs, queue
from mods.jobs.book import Book
from mods.jobs.job import DONE, FAILED, INTERRUPTED, QUEUED, RUNNING, TakenError
from mods.models import locks
from mods.request import Source, TrainRequest
from mods.tests.jobs.conftest import entry, until


def doomed(name):
    """What to ask for where there are no data: it fails in the process of the training."""
    return {"model_name": name, "data": "nowhere.csv", "num_epochs": 2}


def killed(running, key, **more):
    process = running(key, **more)
    process.kill()
    process.wait()


def test_training_that_fails_tells_why_and_the_next_begins_by_itself(book):
    first, second = queue.submit(doomed("first"), book), queue.submit(doomed("second"), book)
    assert (first.state, second.state) == (RUNNING, QUEUED)
    until(lambda: not book.jobs(RUNNING, QUEUED))
    for job in book.jobs():
        assert job.state == FAILED and job.started < job.ended
        assert set(job.error) == {"kind", "message", "where", "fix"}
        assert job.error["kind"] == "input" and job.error["where"].endswith("nowhere.csv")
        log = logs.tail(book.folder, job.id, 100)
        assert "nowhere.csv" in log and "Traceback" not in log
    until(lambda: not any(logs.alive(book.folder, job.id) for job in book.jobs()))


def test_what_was_asked_for_holds_from_any_folder(book, running, base):
    running("other")
    job = queue.submit({**doomed("a"), "picture": "curve.png", "num_epochs": "7"}, book)
    assert job.arguments["data"].startswith("/") and job.arguments["picture"].startswith("/")
    assert job.models == job.arguments["models"] == str(base / "models")
    assert job.progress.epochs == 7


def test_wrong_settings_are_refused_before_anything_is_entered(book, base):
    with pytest.raises(SettingError, match="num_epochs"):
        queue.submit({**doomed("a"), "num_epochs": 0}, book)
    (base / "models").write_text("no folder")
    with pytest.raises(ResourceError):
        queue.submit(doomed("a"), book)
    assert book.jobs() == []


@pytest.mark.parametrize(
    ("query", "said", "fix"),
    [
        ("conn|in_count_uid~conn_in;ssh|inn~ssh_in", "ssh has no column 'inn'", "It has in"),
        ("smtp|in~smtp_in", "no protocol 'smtp'", "It has conn, dns, ssh"),
    ],
)
def test_query_for_what_the_datapool_lacks_is_refused_at_once(book, pool, query, said, fix):
    given = {**doomed("a"), "data": str(pool), "data_select_query": query}
    with pytest.raises(DatapoolError, match=said) as refused:
        queue.submit(given, book)
    assert (refused.value.where, refused.value.status) == ("data_select_query", 422)
    assert refused.value.fix == fix and book.jobs() == []


def test_datapool_that_cannot_be_read_yet_is_judged_when_its_turn_comes(book, tmp_path, running):
    running("other")
    given = {"num_epochs": 2, "data_select_query": "ssh|inn~ssh_in"}
    broken = tmp_path / "pool" / "ssh" / "2024" / "03" / "04" / "w01h-s10m.tsv"
    broken.parent.mkdir(parents=True)
    broken.write_bytes(b"\x00")
    for name, place in (("a", tmp_path / "nowhere"), ("b", tmp_path / "pool")):
        job = queue.submit({**given, "model_name": name, "data": str(place)}, book)
        assert job.state == QUEUED


def test_second_training_to_a_name_is_refused_while_the_first_is_open(book, running):
    running("other")
    queue.submit(doomed("week"), book)
    with pytest.raises(TakenError, match="is queued"):
        queue.submit(doomed("week"), book)


def test_foreground_and_background_never_train_to_one_name(book, running, base):
    request, source = TrainRequest("week"), Source()
    running("one", model_name="week", models=str((base / "models").resolve()))
    with pytest.raises(TakenError, match="to this name is running"):
        queue.check_free(request, source, book)
    queue.check_free(TrainRequest("other"), source, book)
    held = locks.training(base / "models" / "other.zip")
    with held, pytest.raises(TakenError, match="another training to this name goes on"):
        queue.submit({"model_name": "other", "num_epochs": 1}, book)
    assert [one.model_name for one in book.jobs()] == ["week"]


def test_killed_training_is_found_and_taken_up_again_so_often(book, running):
    killed(running, "a", resumes=2)
    running("busy")
    queue.look_after(book)
    job = book.find("a")
    assert job.state == INTERRUPTED and "out of memory" in job.error["message"]
    queue.resume_all(book)
    assert (book.find("a").state, book.find("a").resumes) == (QUEUED, 3)


def test_training_that_is_killed_again_and_again_is_given_up(book, running):
    killed(running, "a", resumes=3)
    queue.resume_all(book)
    job = book.find("a")
    assert job.state == FAILED and "ended 4 times" in job.error["message"]


def test_a_server_that_starts_leaves_a_living_training_alone(book, running):
    """The server before was killed; its trainings were not."""
    process = running("a")
    queue.resume_all(book)
    assert book.find("a").state == RUNNING and process.poll() is None


def test_as_many_run_at_once_as_may(book, running):
    running("a")
    book.add(entry("b", "b", arguments=json.dumps(doomed("b"))))
    queue.look_after(book)
    assert book.find("b").state == QUEUED
    book.limits(at_once=2)
    queue.look_after(book)
    assert book.find("b").state == RUNNING
    until(lambda: book.find("b").state == FAILED)


def test_two_servers_on_one_folder_start_each_training_once(book):
    for key in ("a", "b"):
        book.add(entry(key, key, arguments=json.dumps(doomed(key))))

    def serve():
        while Book(book.folder).jobs(QUEUED, RUNNING):
            queue.look_after(Book(book.folder))
            time.sleep(0.02)

    servers = [threading.Thread(target=serve) for _ in range(3)]
    for server in servers:
        server.start()
    for server in servers:
        server.join(120)
    for job in book.jobs():
        assert job.state == FAILED, job.error
        assert logs.tail(book.folder, job.id, 100).count(f"training {job.id}") == 1


def test_process_that_is_refused_by_the_machine_is_an_error_of_its_training(book, monkeypatch):
    monkeypatch.setattr(queue.sys, "executable", "/nowhere/python")
    job = queue.submit(doomed("a"), book)
    assert job.state == FAILED and "no process could be started" in job.error["message"]
    assert not logs.alive(book.folder, job.id)


def test_log_that_cannot_be_opened_stops_the_queue_only_while_it_cannot(book):
    """Of two that may begin, the second one's log is refused; the first one's stays free."""
    book.limits(at_once=2)
    for key in ("a", "b"):
        book.add(entry(key, key, arguments=json.dumps(doomed(key))))
    logs.path(book.folder, "b").mkdir()
    with pytest.raises(ResourceError, match="log of a training cannot be opened"):
        queue.look_after(book)
    assert [job.state for job in book.jobs()] == [QUEUED, QUEUED]
    assert not logs.alive(book.folder, "a")
    logs.path(book.folder, "b").rmdir()
    queue.look_after(book)
    until(lambda: [job.state for job in book.jobs()] == [FAILED, FAILED])


def test_queue_keeps_no_log_open_whether_its_trainings_start_or_not(book, monkeypatch):
    monkeypatch.setattr(queue.sys, "executable", "/nowhere/python")
    queue.submit(doomed("a"), book)
    before = len(os.listdir("/proc/self/fd"))
    queue.submit(doomed("b"), book)
    assert len(os.listdir("/proc/self/fd")) == before


def test_ended_states_are_those_nobody_waits_for(book):
    book.add(entry("a", state=DONE))
    queue.look_after(book)
    queue.resume_all(book)
    assert book.find("a").state == DONE
