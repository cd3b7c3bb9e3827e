"""The command that serves."""

from __future__ import annotations

from typing import Any

from mods import settings
from mods.commands.command import Answer, Command
from mods.request import ServeRequest


def serve(values: dict[str, Any]) -> Answer:
    """Saved models -> forecasts over HTTP, until a signal ends it."""
    request = settings.build(ServeRequest, values)
    from mods.serve.launch import serve as launch

    record = launch(request)
    return Answer(record, f"ended by {record['ended_by']} after {record['requests']} requests")


COMMANDS = (
    Command(
        "serve",
        serve,
        (ServeRequest,),
        (
            "mods serve --workers 4 --log_format json",
            "mods serve --host 0.0.0.0 --token_file /etc/mods/tokens --base_path /mods",
        ),
    ),
)
