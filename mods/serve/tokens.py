"""Tokens: who may read and predict, and who may train as well."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mods import paths
from mods.errors import ResourceError, UsageError

READ, ADMIN = "read", "admin"
ROLES = (READ, ADMIN)
SHORTEST = 32
MAKE = "Make one: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"


@dataclass(frozen=True)
class Tokens:
    """Digests of the tokens by role; a token of the role admin may do all."""

    digests: tuple[tuple[str, bytes], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.digests)

    def role(self, authorization: str) -> str | None:
        """The role that the header gives, None if none; as long for a wrong token as for a right.

        `Bearer TOKEN`, or `Basic` with the token as the password, as browsers send it, or the
        token alone, as people put it into the page of the service.
        """
        sent = _digest(_token(authorization))
        # Every token is compared, so that the time does not tell which one nearly fits.
        found = [role for role, known in self.digests if hmac.compare_digest(known, sent)]
        return max(found, key=ROLES.index, default=None)


def load(file: str | None) -> Tokens:
    """The tokens of the file, or of the environment, from which they are taken.

    Raises UsageError for a token that is too short or empty, for a file that others may read or
    that holds none (who gives one does not mean an open service), ResourceError where the file
    cannot be read.
    """
    lines = {READ: paths.secret("MODS_TOKEN"), ADMIN: paths.secret("MODS_ADMIN_TOKEN")}
    told = [(role, token) for role, token in lines.items() if token is not None]
    if file is not None:
        told = list(_lines(Path(file)))
        if not told:
            raise UsageError("holds no token", where=file, fix=MAKE)
    for role, token in told:
        if len(token.encode()) < SHORTEST:
            raise UsageError(
                f"the {role} token is shorter than {SHORTEST} bytes",
                where=file or "the environment",
                fix=MAKE,
            )
    return Tokens(tuple((role, _digest(token)) for role, token in told))


def _lines(file: Path) -> Iterable[tuple[str, str]]:
    """Role and token of every line; nothing of a token gets into an error."""
    for number, line in enumerate(_private(file).splitlines(), 1):
        role, _, token = line.strip().partition(" ")
        if not role or role.startswith("#"):
            continue
        if role not in ROLES or not token.strip():
            raise UsageError(
                f"line {number} is neither `read TOKEN` nor `admin TOKEN`", where=file, fix=MAKE
            )
        yield role, token.strip()


def _private(file: Path) -> str:
    """The text of a file that nobody but its owner may read."""
    try:
        with file.open(encoding="utf-8") as opened:
            mode = stat.S_IMODE(os.fstat(opened.fileno()).st_mode)
            if mode & 0o077:
                raise UsageError(
                    f"others than its owner may use it (mode {mode:04o})",
                    where=file,
                    fix=f"chmod 600 {file}",
                )
            return opened.read()
    except OSError as error:
        raise ResourceError(f"cannot be read: {error.strerror}", where=file) from None
    except UnicodeDecodeError:
        raise UsageError("is no text", where=file, fix=MAKE) from None


def _token(authorization: str) -> str:
    scheme, _, given = authorization.strip().partition(" ")
    if not given:
        return scheme
    if scheme.lower() == "bearer":
        return given.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(given, validate=True).decode().partition(":")[2]
    except ValueError:  # neither base64 nor text
        return ""


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="surrogateescape")).digest()
