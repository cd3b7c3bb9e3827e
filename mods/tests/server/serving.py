"""A real `mods serve`, started as a process and asked over HTTP."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from mods.jobs.book import Book
from mods.tests.server.conftest import Reply, Service

READ, ADMIN = "r" * 40, "a" * 40
DEADLY = Path(__file__).with_name("deadly.py")
ADDRESS = re.compile(r"serving on http://[^ ]*?:(\d+)")


class Serving(Service):
    """`mods serve` on a free port; `token` is sent with every request."""

    def __init__(self, base: Path, *options: str, deadly: bool = False, **secrets: str) -> None:
        program = [str(DEADLY)] if deadly else ["-m", "mods"]
        command = [sys.executable, *program, "serve", "--port", "0", *options]
        dropped = ("APP_", "DEEPAAS_", "MODS_TOKEN", "MODS_ADMIN")
        kept = {k: v for k, v in os.environ.items() if not k.startswith(dropped)}
        self.temporary = base / "temporary"
        self.temporary.mkdir(exist_ok=True)
        places = {"APP_INPUT_OUTPUT_BASE_DIR": str(base), "TMPDIR": str(self.temporary)}
        self.base, self.token, self.prefix = base, "", ""
        self.book = Book(base / "checkpoints" / "jobs")
        self.log = base / f"serve-{len(list(base.glob('serve-*')))}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(  # noqa: S603
                command,
                env={**kept, **places, **secrets},
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=base,
            )
        self.until(lambda: self._found() is not None or self.process.poll() is not None)
        assert self.process.poll() is None, self.log.read_text()
        self.port = int(self._found()[1])

    def _found(self) -> re.Match[str] | None:
        return ADDRESS.search(self.log.read_text())

    def ask(
        self,
        method: str,
        path: str,
        headers: dict[str, str] | None = None,
        body: bytes | None = None,
    ) -> Reply:
        own = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return super().ask(method, f"{self.prefix}{path}", {**own, **(headers or {})}, body)

    def predict(self, *, accept: str = "*/*", **arguments: Any) -> Reply:
        return super().predict(accept=accept, **{"model_name": "small", **arguments})
