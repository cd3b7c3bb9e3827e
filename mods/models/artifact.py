"""Artifact: a model as one zip that is written whole or not at all, and read with suspicion.

Members, exactly: manifest.json (format, version, size and sha256 of every other member),
config.json, state.json, metrics.json, weights.npz and, where there is an export, network.onnx.
Nothing in it is ever executed: no pickle, no Keras deserialiser. No member is compressed, so that
none can unpack to more than the file has. The checksums stop corruption, not tampering.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import zipfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import mods
from mods import atomic
from mods.errors import CorruptModelError, ModelError, ModelNotFoundError, ResourceError
from mods.models import arrays, locks, outdated
from mods.models.trained import Parts

FORMAT, VERSION = "mods-model", 2
MANIFEST, ONNX = "manifest.json", "network.onnx"
CAPS = {
    MANIFEST: 64 << 10,
    "config.json": 256 << 10,
    "state.json": 64 << 20,
    "metrics.json": 64 << 20,
    "weights.npz": 1 << 30,
    ONNX: 1 << 30,
}
ENCRYPTED = 1
PATIENCE = 60.0


def write(
    path: str | os.PathLike[str], parts: Parts, *, since: Mapping[str, Any] | None = None
) -> Path:
    """Save the parts under this path, atomically; an old model stays until the new one is safe.

    since:  the manifest of the model that is changed; ModelError where another took its place
    Raises ResourceError where the disk fails, another process holds the name for a minute, or the
    model is larger than `read` takes.
    """
    target = Path(path)
    members = {
        "config.json": _json(parts.config),
        "state.json": _json(parts.state),
        "metrics.json": _json(parts.metrics),
        "weights.npz": arrays.pack(parts.weights),
    }
    if parts.onnx is not None:
        members[ONNX] = parts.onnx
    _bounded(members, target)
    with locks.alone(target, PATIENCE), atomic.replacing(target) as draft:
        if since is not None and manifest(target) != since:
            raise ModelError("was replaced while it was worked on", where=target, fix="Do it again")
        _zip(draft, {MANIFEST: _json(_manifest(members)), **members})
    return target


def read(path: str | os.PathLike[str]) -> Parts:
    """The parts of a saved model.

    Raises ModelNotFoundError, CorruptModelError, or OutdatedModelError, which says how to have it
    again.
    """
    members = _members(Path(path))
    try:
        return Parts(
            config=_object(members["config.json"]),
            state=_object(members["state.json"]),
            metrics=_object(members["metrics.json"]),
            weights=arrays.unpack(members["weights.npz"]),
            onnx=members.get(ONNX),
        )
    except CorruptModelError as error:
        raise _corrupt(path, error.message) from None


def manifest(path: str | os.PathLike[str]) -> dict[str, Any]:
    """What the model says about itself: version, when it was made, size and sha256 of members."""
    with _opened(Path(path)) as archive:
        return _checked_manifest(archive, Path(path))


def _bounded(members: dict[str, bytes], target: Path) -> None:
    for name, content in members.items():
        if len(content) > CAPS[name]:
            raise ResourceError(
                f"its {name} would have {len(content):,} bytes, and {CAPS[name]:,} are allowed",
                where=target,
                fix="Train a smaller network, on fewer features",
            )


def _manifest(members: dict[str, bytes]) -> dict[str, Any]:
    listed = {
        name: {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in members.items()
    }
    return {
        "format": FORMAT,
        "version": VERSION,
        "mods": mods.__version__,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "onnx": ONNX in members,
        "members": listed,
    }


def _zip(path: Path, members: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def _members(path: Path) -> dict[str, bytes]:
    """Every member but the manifest, each as long and with the checksum that it states."""
    with _opened(path) as archive:
        stated = _checked_manifest(archive, path)["members"]
        found = {}
        for name, one in stated.items():
            content = _content(archive, name, path)
            if hashlib.sha256(content).hexdigest() != one.get("sha256"):
                raise _corrupt(path, f"{name} is not what was saved")
            found[name] = content
    return found


def _checked_manifest(archive: zipfile.ZipFile, path: Path) -> dict[str, Any]:
    names = archive.namelist()
    wanted = set(CAPS) - ({ONNX} if ONNX not in names else set())
    if len(names) != len(set(names)) or set(names) != wanted:
        raise _corrupt(path, "it does not hold exactly the members of a model")
    stated = _object(_content(archive, MANIFEST, path))
    if (stated.get("format"), stated.get("version")) != (FORMAT, VERSION):
        if stated.get("format") != FORMAT:
            raise _corrupt(path, "it is no model of mods")
        config = _object(_content(archive, "config.json", path))
        raise outdated.error(path, stated, config, VERSION)
    listed = stated.get("members")
    if not isinstance(listed, dict) or set(listed) != wanted - {MANIFEST}:
        raise _corrupt(path, "its manifest lists other members than it holds")
    for name, one in listed.items():
        if not isinstance(one, dict) or one.get("size") != archive.getinfo(name).file_size:
            raise _corrupt(path, f"{name} has another size than was saved")
    return stated


def _content(archive: zipfile.ZipFile, name: str, path: Path) -> bytes:
    """One member, never more of it than it may have."""
    info = archive.getinfo(name)
    plain = info.compress_type == zipfile.ZIP_STORED and not info.flag_bits & ENCRYPTED
    if info.file_size > CAPS[name] or not plain:
        raise _corrupt(path, f"{name} is larger than allowed, compressed or encrypted")
    with archive.open(name) as member:
        content = member.read(info.file_size + 1)
    if len(content) != info.file_size:
        raise _corrupt(path, f"{name} has another size than it states")
    return content


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """The archive; whatever a broken zip raises while it is read becomes one error."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except FileNotFoundError:
        raise ModelNotFoundError("there is no such model", where=path) from None
    except (IsADirectoryError, PermissionError) as error:
        raise ModelNotFoundError(f"cannot be read: {error.strerror}", where=path) from None
    except CorruptModelError as error:
        if error.where:
            raise
        raise _corrupt(path, error.message) from None
    except (*arrays.BROKEN, OSError) as error:
        raise _corrupt(path, f"it is no whole zip ({error})") from None


def _json(values: dict[str, Any]) -> bytes:
    return json.dumps(values, allow_nan=False, separators=(",", ":")).encode()


def _object(content: bytes) -> dict[str, Any]:
    """A JSON object; NaN and infinity are refused."""
    try:
        values = json.loads(content, parse_constant=_refused)
    except (ValueError, RecursionError) as error:
        raise CorruptModelError(f"holds no proper JSON ({error})") from None
    if not isinstance(values, dict):
        raise CorruptModelError("holds JSON that is no object")
    return values


def _refused(name: str) -> float:
    raise ValueError(f"{name} is no number")


def _corrupt(path: object, reason: str) -> CorruptModelError:
    return CorruptModelError(
        f"the model is corrupt: {reason}", where=path, fix="Train it again, or restore the file"
    )
