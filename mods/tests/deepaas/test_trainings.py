"""What is said of trainings over REST: enough to follow them, and nothing of the machine."""

import json
import sys

import pytest

from mods.deepaas import records, trainings
from mods.errors import InputError
from mods.jobs.book import Book
from mods.jobs.job import DONE, FAILED, QUEUED
from mods.tests.jobs.conftest import entry


@pytest.fixture
def book(tmp_path, monkeypatch):
    monkeypatch.setenv("APP_INPUT_OUTPUT_BASE_DIR", str(tmp_path))
    return Book()


def test_what_lies_where_on_the_machine_is_not_told(book, tmp_path):
    places = {"data": f"{tmp_path}/data/logs.csv", "models": "/srv/models", "known": "/srv/k.csv"}
    arguments = json.dumps({"model_name": "a", "blocks": 4, **places})
    lost = InputError(f"{places['data']} is empty", where=f"{tmp_path}/data/features").record()
    done = {"model_name": "a", "path": "/srv/models/a.zip", "epochs": 3}
    ran = {"arguments": arguments, "started": 1.0, "ended": 2.5}
    book.add(entry("a", state=DONE, result=json.dumps(done), **ran))
    book.add(entry("b", state=FAILED, error=json.dumps(lost), **ran))
    good, bad = (records.described(job, "/train") for job in book.jobs())
    assert good["args"] == {"model_name": "a", "blocks": 4}
    assert good["result"]["output"] == {"model_name": "a", "epochs": 3}
    assert bad["message"] == "datapool: logs.csv is empty."


def test_the_log_names_no_folder_of_python(book):
    """A trace goes through the library of the Python that the environment was made from, too."""
    book.add(entry("a"))
    (told,) = records.lines(f'  File "{json.__file__}", line 1', book.find("a"))
    assert sys.base_prefix not in told and told.endswith('json/__init__.py", line 1')


def test_of_many_trainings_the_newest_are_listed_in_their_order_and_all_counted(book):
    assert book.counts() == {}
    for number in range(5):
        book.add(entry(f"{number}", f"{number}", state=DONE if number else QUEUED))
    assert [job.id for job in book.jobs(newest=2)] == ["3", "4"]
    assert len(book.jobs(newest=trainings.NEWEST)) == 5
    assert book.counts() == {QUEUED: 1, DONE: 4}
