"""What a worker sends to the server: its length, then itself, taken in pieces as they come.

`Connection.recv` waits for the last byte: a long answer, or one that a worker which was stopped has
only begun, would hold up everyone else whom the event loop serves.
"""

from __future__ import annotations

import asyncio
import io
import os
import pickle  # nosec B403 # what our own worker packed, over a socket that nobody else has
import struct
from multiprocessing.connection import Connection
from typing import Any

LENGTH = struct.Struct("!Q")


def send(connection: Connection, value: Any) -> None:
    """Send a value to `Receiver`; nothing of one that cannot be packed."""
    packed = io.BytesIO(bytes(LENGTH.size))
    packed.seek(LENGTH.size)
    pickle.dump(value, packed, pickle.HIGHEST_PROTOCOL)
    left = packed.getbuffer()
    LENGTH.pack_into(left, 0, len(left) - LENGTH.size)
    while left:
        left = left[os.write(connection.fileno(), left) :]


class Receiver:
    """The server's end: `value` waits for the next one, and serves others between two pieces.

    sentinel: what becomes readable when the process that sends has ended
    """

    def __init__(self, connection: Connection, sentinel: int) -> None:
        self.connection, self.sentinel = connection, sentinel
        self._begin(LENGTH.size)

    async def value(self) -> Any:
        """What comes next; EOFError where the process ended before it had sent it."""
        loop = asyncio.get_running_loop()
        whole: asyncio.Future[None] = loop.create_future()
        source = self.connection.fileno()
        loop.add_reader(source, self._take, whole)
        loop.add_reader(self.sentinel, self._drain, whole)
        try:
            await whole
        finally:
            loop.remove_reader(source)
            loop.remove_reader(self.sentinel)
        packed = self._room
        self._begin(LENGTH.size)
        return pickle.loads(packed)  # noqa: S301 # nosec B301 # see above

    def _begin(self, length: int, *, of_value: bool = False) -> None:
        """Make room for so many bytes: the length of a value, or the value itself."""
        self._room, self._come, self._of_value = bytearray(length), 0, of_value

    def _take(self, whole: asyncio.Future[None]) -> None:
        """One piece; a read of what is ready never waits."""
        if whole.done():
            return
        try:
            come = os.readv(self.connection.fileno(), [memoryview(self._room)[self._come :]])
        except OSError:
            come = 0
        self._come += come
        if not come:
            whole.set_exception(EOFError())
        elif self._come == len(self._room):
            self._full(whole)

    def _full(self, whole: asyncio.Future[None]) -> None:
        if self._of_value:
            whole.set_result(None)
        else:
            self._begin(*LENGTH.unpack(self._room), of_value=True)

    def _drain(self, whole: asyncio.Future[None]) -> None:
        """The process has ended: what lies in the socket still counts."""
        while not whole.done() and self.connection.poll():
            self._take(whole)
        if not whole.done():
            whole.set_exception(EOFError())
