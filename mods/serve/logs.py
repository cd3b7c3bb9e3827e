"""Lines of the log: JSON or text, one line each, no control character of a client in them."""

from __future__ import annotations

import functools
import json
import logging
import sys
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from mods.deepaas import trace

OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def escaped(text: str) -> str:
    r"""The text with control characters written out, so that no line of a log can be forged.

    >>> print(escaped("a\n\x1b[31mb"))
    a\n\x1b[31mb
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


class JsonLines(logging.Formatter):
    """One JSON object per record: time, level, logger, message, request, and what it brings."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line."""
        line: dict[str, Any] = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if trace.current.get():
            line["request"] = trace.current.get()
        line.update({name: value for name, value in vars(record).items() if name not in OWN})
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


class TextLines(logging.Formatter):
    """The same for people."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line, a trace of an error behind it."""
        number = trace.current.get()
        extra = {name: value for name, value in vars(record).items() if name not in OWN}
        parts = (
            _time(record),
            record.levelname,
            record.name,
            record.getMessage(),
            *(f"{name}={value}" for name, value in extra.items()),
            *((f"request={number}",) if number else ()),
        )
        line = escaped(" ".join(parts))
        if record.exc_info:
            trace_lines = self.formatException(record.exc_info).splitlines()
            line = "\n".join([line, *map(escaped, trace_lines)])
        return line


FORMATS = {"json": JsonLines, "text": TextLines}


def install(kind: str, level: int = logging.INFO) -> None:
    """Log to stderr in this format, in the server and in its workers alike."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(FORMATS[kind]())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("mods").setLevel(level)
    logging.captureWarnings(True)
    warnings.showwarning = _useful(warnings.showwarning)


def _useful(show: Callable[..., None]) -> Callable[..., None]:
    """Warnings without those of deprecated code, which others wrote and for others.

    A filter would not do: DEEPaaS sets one of its own whenever it is imported.
    """

    @functools.wraps(show)
    def inside(message: Any, category: type[Warning], *args: Any, **kwargs: Any) -> None:
        if not issubclass(category, DeprecationWarning):
            show(message, category, *args, **kwargs)

    return inside


def _time(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
