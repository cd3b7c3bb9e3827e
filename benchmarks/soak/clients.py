"""Clients of a soak: some ask, one has models trained, and all count the answers."""

from __future__ import annotations

import contextlib
import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlencode

from benchmarks.servers import Server
from benchmarks.soak.questions import API, Question

PAUSE = 0.25  # seconds between two questions of a client
LOOK = 1.0  # seconds between two looks at a training
SAME = 10  # questions over one connection
NAMES = 3  # models that are trained again and again
CANCELLED = 3  # every third training is cancelled
TINY = {
    "model_type": "Conv1D",
    "sequence_len": 6,
    "blocks": 2,
    "stacked_blocks": 1,
    "model_name_timestamp": "false",
}


class Tally:
    """Answers by kind, and those that were not as expected."""

    def __init__(self) -> None:
        self.right: Counter[str] = Counter()
        self.wrong: Counter[str] = Counter()
        self.trainings: Counter[str] = Counter()
        self.statuses: dict[str, int] = {}
        self._lock = threading.Lock()

    def note(self, question: Question, status: int | str) -> None:
        """Count an answer; where none came the status says why."""
        with self._lock:
            self.statuses[question.kind] = question.status
            if status == question.status:
                self.right[question.kind] += 1
            else:
                self.wrong[f"{question.kind}: {status}, not {question.status}"] += 1


class Breaks:
    """Moments in which nobody waits for an answer, so that what a process holds can be read."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._asking, self._break = 0, False

    @contextlib.contextmanager
    def work(self) -> Iterator[None]:
        """Ask inside the block, when no break is on."""
        with self._changed:
            self._changed.wait_for(lambda: not self._break)
            self._asking += 1
        try:
            yield
        finally:
            with self._changed:
                self._asking -= 1
                self._changed.notify_all()

    @contextlib.contextmanager
    def rest(self, seconds: float) -> Iterator[None]:
        """Inside the block nobody has asked for so long."""
        with self._changed:
            self._break = True
        try:
            with self._changed:
                self._changed.wait_for(lambda: not self._asking)
            time.sleep(seconds)
            yield
        finally:
            with self._changed:
                self._break = False
                self._changed.notify_all()


class Client:
    """One that asks a server and counts what it answers."""

    def __init__(self, server: Server, tally: Tally, breaks: Breaks | None = None) -> None:
        self.server, self.tally, self.breaks = server, tally, breaks or Breaks()
        self._connection: http.client.HTTPConnection | None = None
        self._left = 0

    def ask(self, question: Question) -> bytes:
        """The body of the answer, empty where none came."""
        with self.breaks.work():
            return self._answer(question)

    def _answer(self, question: Question) -> bytes:
        if self._connection is None or not self._left:
            self.close()
            self._connection, self._left = self.server.client(), SAME
        self._left -= 1
        try:
            self._connection.request(
                question.method, question.path, question.body, question.headers
            )
            answer = self._connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.tally.note(question, f"no answer ({type(error).__name__})")
            self._left = 0
            return b""
        self.tally.note(question, answer.status)
        return body

    def close(self) -> None:
        """Close its connection."""
        if self._connection is not None:
            self._connection.close()


def keep_asking(
    client: Client, questions: Iterable[Question], ended: threading.Event, pause: float = PAUSE
) -> None:
    """Ask one after the other until the end."""
    for question in questions:
        client.ask(question)
        if ended.wait(pause):
            break
    client.close()


def keep_training(client: Client, ready: list[str], ended: threading.Event) -> None:
    """One tiny training after the other until the end, some cancelled on their way."""
    number = 0
    while not ended.is_set():
        number += 1
        if number % CANCELLED:
            name = f"again-{number % NAMES}"
            state = _trained(client, name, ended)
            if state == "done" and name not in ready:
                ready.append(name)
        else:
            state = _cancelled(client, ended)
        client.tally.trainings[state] += 1
    client.close()


def trained(client: Client) -> str:
    """The identifier of a tiny training that is done."""
    key = _begun(client, "first", 1)
    while _told(client, key)["status"] == "running":
        time.sleep(LOOK)
    return key


def _trained(client: Client, name: str, ended: threading.Event) -> str:
    """How a training ended; one that is not over at the end is cancelled."""
    key = _begun(client, name, 1)
    while (told := _told(client, key))["status"] == "running":
        if ended.wait(LOOK):
            return _end(client, key)
    return str(told["state"])


def _cancelled(client: Client, ended: threading.Event) -> str:
    """A training without end, cancelled after an epoch."""
    key = _begun(client, "given-up", 100_000)
    while (told := _told(client, key))["status"] == "running":
        if told["progress"]["epoch"] >= 1 or ended.wait(LOOK):
            return _end(client, key)
    return str(told["state"])


def _begun(client: Client, name: str, epochs: int) -> str:
    query = urlencode({"model_name": name, "num_epochs": epochs, "epochs_patience": epochs, **TINY})
    return str(_json(client, Question("training", "POST", f"{API}/train/?{query}"))["uuid"])


def _told(client: Client, key: str) -> dict[str, Any]:
    return _json(client, Question("training, state", "GET", f"{API}/train/{key}"))


def _end(client: Client, key: str) -> str:
    """Cancel it, and look until it has ended: DELETE does not wait for that."""
    question = Question("training, cancelled", "DELETE", f"{API}/train/{key}")
    state = str(_json(client, question)["state"])
    while state == "cancelling":
        time.sleep(LOOK)
        state = str(_told(client, key)["state"])
    return state


def _json(client: Client, question: Question) -> dict[str, Any]:
    """The answer; where it is none a training that has failed."""
    try:
        return {"uuid": "none", "status": "error", "state": "unknown"} | json.loads(
            client.ask(question)
        )
    except ValueError:
        return {"uuid": "none", "status": "error", "state": "unknown"}
