"""The key file: 32 random bytes in hexadecimal, for its owner's eyes only."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from mods.errors import InputError, ResourceError

SIZE = 32
OWNER_ONLY = 0o600
OTHERS = 0o077


def create(path: Path) -> bytes:
    """Make a new key file, readable by its owner alone; InputError where the file is there."""
    key = secrets.token_bytes(SIZE)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    except FileExistsError:
        raise InputError(
            "is there already", where=path, fix="Leave --new_key out to use it, or name another"
        ) from None
    except OSError as error:
        raise ResourceError(f"cannot be written: {error.strerror}", where=path) from None
    try:
        with os.fdopen(handle, "w") as stream:
            stream.write(f"{key.hex()}\n")
            stream.flush()
            os.fsync(handle)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise ResourceError(f"cannot be written: {error.strerror}", where=path) from None
    return key


def read(path: Path) -> bytes:
    """The 32 bytes of a key file; InputError where others may read it, or it holds no key."""
    try:
        mode, text = path.stat().st_mode, path.read_bytes()
    except OSError as error:
        raise InputError(
            f"cannot be read: {error.strerror}", where=path, fix="Make one with --new_key"
        ) from None
    if mode & OTHERS:
        raise InputError(
            f"may be read by others (mode {mode & 0o777:o})", where=path, fix=f"chmod 600 {path}"
        )
    try:
        key = bytes.fromhex(text.decode("ascii").strip())
    except ValueError:
        key = b""
    if len(key) != SIZE:
        raise InputError(
            "holds no key of 64 hexadecimal digits", where=path, fix="Make one with --new_key"
        )
    return key


def derived(key: bytes, purpose: str) -> bytes:
    """A key of its own for each purpose, 32 bytes: what one gives away helps with no other."""
    return hmac.new(key, purpose.encode(), hashlib.sha256).digest()
