"""A real `deepaas-run` on a free loopback port, over the shared datapool and model."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mods.jobs import control
from mods.jobs.book import Book
from mods.jobs.job import OPEN, Job, TakenError

PATIENCE = 90
SOON = 20  # what is not promised, on a machine that is busy
ANSWERED, ENDED = 2, 10  # seconds that are promised: a worker that died, SIGTERM
LONG = 280  # for trainings, which give way to all else on the machine


@dataclass
class Reply:
    status: int
    kind: str
    body: bytes
    headers: Any = None

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Service:
    """A server process and a client of it."""

    def __init__(self, base: Path, *options: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        command = [
            str(Path(sys.executable).with_name("deepaas-run")),
            *("--model-name", "mods", "--listen-ip", "127.0.0.1"),
            *("--listen-port", str(self.port), *options),
        ]
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("APP_", "DEEPAAS_"))}
        env = {**kept, "APP_INPUT_OUTPUT_BASE_DIR": str(base), "TF_CPP_MIN_LOG_LEVEL": "3"}
        self.base, self.log = base, base / "server.log"
        self.book = Book(base / "checkpoints" / "jobs")
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(  # noqa: S603
                command, env=env, stdout=log, stderr=subprocess.STDOUT, cwd=base
            )
        self.until(lambda: self.up() or self.process.poll() is not None)
        assert self.up(), self.log.read_text()

    def up(self) -> bool:
        try:
            return self.get("/v2/").status == 200
        except OSError:
            return False

    def get(self, path: str) -> Reply:
        return self.ask("GET", path)

    def predict(self, *, accept: str = "*/*", **arguments: Any) -> Reply:
        return self.post("predict", arguments, {"accept": accept})

    def train(self, **arguments: Any) -> Reply:
        return self.post("train", arguments)

    def post(self, what: str, arguments: Any, headers: dict[str, str] | None = None) -> Reply:
        query = urllib.parse.urlencode(arguments, doseq=True)
        return self.ask("POST", f"/v2/models/mods/{what}/?{query}", headers or {})

    def ask(
        self,
        method: str,
        path: str,
        headers: dict[str, str] | None = None,
        body: bytes | None = None,
    ) -> Reply:
        address = f"http://127.0.0.1:{self.port}{path}"
        request = urllib.request.Request(address, body, headers or {}, method=method)  # noqa: S310
        try:
            answer = urllib.request.urlopen(request, timeout=PATIENCE)  # noqa: S310
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            kind = answer.headers.get_content_type()
            return Reply(answer.status, kind, answer.read(), answer.headers)

    def trained(self, **arguments: Any) -> dict[str, Any]:
        """The state of a training once it has ended."""
        uuid = self.train(**arguments).json["uuid"]
        return self.ended(uuid)

    def ended(self, uuid: str) -> dict[str, Any]:
        path = f"/v2/models/mods/train/{uuid}"
        self.until(lambda: self.get(path).json["status"] != "running", LONG)
        return self.get(path).json

    def workers(self) -> list[int]:
        """The process ids of the workers."""
        own = self.process.pid
        children = Path(f"/proc/{own}/task/{own}/children").read_text().split()
        return [int(p) for p in children if "spawn_main" in Path(f"/proc/{p}/cmdline").read_text()]

    def struck(self, number: int) -> tuple[Reply, float]:
        """The reply to a prediction over which its workers were killed, and seconds since.

        They are stopped until it has come to them; where it had not yet, once more with patience.
        """
        for patience in (0.3, 3.0, 15.0):
            replies: list[Reply] = []
            workers = self.workers()
            for worker in workers:
                os.kill(worker, signal.SIGSTOP)
            asking = threading.Thread(
                target=lambda replies=replies: replies.append(self.predict(model_name="small"))
            )
            asking.start()
            time.sleep(patience)
            killed = time.monotonic()
            for worker in workers:
                os.kill(worker, number)
                os.kill(worker, signal.SIGCONT)
            asking.join(PATIENCE)
            seconds = time.monotonic() - killed
            if replies[0].status != 200:
                break
        return replies[0], seconds

    def job(self, uuid: str) -> Job:
        """A training as its record has it, whether a server is up or not."""
        return self.book.find(uuid)

    def training(self, uuid: str) -> Reply:
        """What the server says of a training."""
        return self.get(f"/v2/models/mods/train/{uuid}")

    def cancel_all(self) -> None:
        """End every training of this folder."""
        for job in self.book.jobs(*reversed(OPEN)):
            with contextlib.suppress(TakenError):
                control.cancel(self.book, job.id)

    def stop(self, number: int = signal.SIGTERM) -> float:
        """Seconds until the server has ended after a signal."""
        started = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(PATIENCE)
        return time.monotonic() - started

    @staticmethod
    def until(done: Any, patience: float = PATIENCE) -> None:
        deadline = time.monotonic() + patience
        while not done():
            assert time.monotonic() < deadline, "waited too long"
            time.sleep(0.05)


def _furnished(place: Path, pool: Path, shelf: Path) -> Path:
    """A base folder with the shared datapool and the model `small`."""
    (place / "data").mkdir()
    (place / "data" / "features").symlink_to(pool)
    (place / "models").mkdir()
    shutil.copy(shelf / "small.zip", place / "models")
    return place


@pytest.fixture(scope="session")
def start(pool, shelf, tmp_path_factory):
    """Start a service over a base folder of its own (or that of one before); all end with the
    session, and so do their trainings, which outlive a service.
    """
    started: list[Service] = []

    def begin(*options: str, base: Path | None = None) -> Service:
        place = base or _furnished(tmp_path_factory.mktemp("base"), pool, shelf)
        started.append(Service(place, *options))
        return started[-1]

    yield begin
    for service in started:
        service.process.kill()
        service.process.wait(PATIENCE)
    for service in started:
        service.cancel_all()


@pytest.fixture(scope="session")
def furnish(pool, shelf, tmp_path_factory):
    """A new base folder each time it is called."""
    return lambda: _furnished(tmp_path_factory.mktemp("base"), pool, shelf)


@pytest.fixture(scope="session")
def serve(furnish):
    """Start `mods serve` over a base folder of its own, or a given one."""
    from mods.tests.server.serving import Serving

    started: list[Serving] = []

    def begin(*options: str, base: Path | None = None, **more: Any) -> Serving:
        started.append(Serving(base or furnish(), *options, **more))
        return started[-1]

    yield begin
    for service in started:
        service.process.kill()
        service.process.wait(PATIENCE)
    for service in started:
        service.cancel_all()
