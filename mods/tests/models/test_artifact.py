from __future__ import annotations

import hashlib
import io
import json
import os
import pickle
import resource
import signal
import subprocess
import sys
import time
import zipfile

import numpy as np
import pytest

from mods.errors import CorruptModelError, ModelNotFoundError, OutdatedModelError, ResourceError
from mods.models import arrays, artifact, catalogue, locks
from mods.models.trained import Parts

PARTS = Parts(
    config={"model_type": "MLP", "steps_ahead": 3},
    state={"features": ["a", "b"], "detector": None},
    metrics={"validation": {"mean": 0.5}},
    weights={"network/w0000": np.arange(12, dtype="float32").reshape(3, 4), "tail": np.ones(5)},
    onnx=b"\x08\x07network",
)


PICKLED = pickle.dumps(os.system)


@pytest.fixture
def saved(tmp_path):
    return artifact.write(tmp_path / "m.zip", PARTS)


def members(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def forged(path, changes, *, compression=zipfile.ZIP_STORED):
    """The model with some members changed, and a manifest that agrees."""
    content = {**members(path), **changes}
    manifest = json.loads(content.pop("manifest.json"))
    manifest["members"] = {
        name: {"size": len(one), "sha256": hashlib.sha256(one).hexdigest()}
        for name, one in content.items()
    }
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("manifest.json", json.dumps(manifest))
        for name, one in content.items():
            archive.writestr(name, one)
    return path


def same(one: Parts, other: Parts) -> bool:
    arrays_agree = one.weights.keys() == other.weights.keys() and all(
        np.array_equal(array, other.weights[name]) for name, array in one.weights.items()
    )
    plain = (one.config, one.state, one.metrics, one.onnx)
    return arrays_agree and plain == (other.config, other.state, other.metrics, other.onnx)


def npy(array_header: bytes, body: bytes = b"") -> bytes:
    return b"\x93NUMPY\x01\x00" + len(array_header).to_bytes(2, "little") + array_header + body


def npz(content: bytes, compression=zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        archive.writestr("network/w0000.npy", content)
    return buffer.getvalue()


def test_what_is_read_is_what_was_written(saved):
    assert same(artifact.read(saved), PARTS)
    assert set(members(saved)) == {
        "manifest.json",
        "config.json",
        "state.json",
        "metrics.json",
        "weights.npz",
        "network.onnx",
    }
    assert artifact.manifest(saved)["onnx"] is True


def test_the_manifest_says_when_there_is_no_onnx(tmp_path):
    bare = Parts(PARTS.config, PARTS.state, PARTS.metrics, PARTS.weights)
    path = artifact.write(tmp_path / "m.zip", bare)
    assert artifact.manifest(path)["onnx"] is False
    assert artifact.read(path).onnx is None


def test_no_truncation_or_flipped_byte_passes_for_the_model(saved):
    whole = saved.read_bytes()
    rng = np.random.default_rng(0)
    refused = 0
    for attempt in range(400):
        damaged = bytearray(whole)
        if attempt % 4 == 0:
            damaged = damaged[: rng.integers(len(whole))]
        else:
            damaged[rng.integers(len(whole))] ^= 1 << rng.integers(8)
        saved.write_bytes(damaged)
        try:
            assert same(artifact.read(saved), PARTS)
        except CorruptModelError as error:
            refused += 1
            assert "\n" not in str(error)
    assert refused > 200


@pytest.mark.parametrize(
    "weights",
    [
        npz(
            npy(
                b"{'descr': '|O', 'fortran_order': False, 'shape': (1,)}\n", pickle.dumps(os.system)
            )
        ),
        npz(npy(b"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999,)}\n", b"1234")),
        npz(npy(b"{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}\n", b"1234")),
        npz(npy(b"{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}\n", b"\x00\x00\xc0\x7f")),
        npz(npy(b"{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}\n", b"\x00\x00\x80\x7f")),
        npz(npy(b"{'descr': '<f4', 'fortran_order': True, 'shape': (1,)}\n", b"1234")),
        npz(npy(b"__import__('os').getpid()\n")),
        npz(b""),
        npz(np.ones(9).tobytes(), zipfile.ZIP_DEFLATED),
        b"no zip",
    ],
    ids=[
        "pickle",
        "huge",
        "negative",
        "nan",
        "infinite",
        "fortran",
        "code",
        "empty",
        "compressed",
        "text",
    ],
)
def test_hostile_weights_are_refused_even_with_a_fitting_manifest(saved, weights):
    with pytest.raises(CorruptModelError):
        artifact.read(forged(saved, {"weights.npz": weights}))


@pytest.mark.parametrize(
    "changes",
    [
        {"extra.json": b"{}"},
        {"../m.json": b"{}"},
        {"config.json": b"[]"},
        {"config.json": b'{"a": NaN}'},
        {"config.json": b"[" * 100_000},
        {"config.json": b" " * (1 << 20) + b"{}"},
        {"state.json": b"\xff"},
    ],
)
def test_hostile_members_are_refused(saved, changes):
    with pytest.raises(CorruptModelError):
        artifact.read(forged(saved, changes))


def test_a_missing_member_is_refused(saved):
    content = members(saved)
    del content["state.json"]
    with zipfile.ZipFile(saved, "w") as archive:
        for name, one in content.items():
            archive.writestr(name, one)
    with pytest.raises(CorruptModelError, match="exactly the members"):
        artifact.read(saved)


def test_compressed_members_are_refused_so_that_none_is_a_bomb(saved):
    with pytest.raises(CorruptModelError, match="compressed"):
        artifact.read(forged(saved, {}, compression=zipfile.ZIP_DEFLATED))


OLD_CONFIG = {"model_type": "LSTM", "steps_ahead": 6, "seed": 0, "sequence_len": 12, "gone": True}


def written(path, version, config):
    """A model of another format, as a version of mods that is not there any more wrote it."""
    told = {
        "config.json": json.dumps(config),
        "state.json": '{"features": ["conn_in"]}',
        "metrics.json": "{}",
        "weights.npz": "",
    }
    manifest = {"format": "mods-model", "version": version, "mods": "0.0.9", "members": {}}
    with zipfile.ZipFile(path, "w") as archive:
        for name, one in {"manifest.json": json.dumps(manifest), **told}.items():
            archive.writestr(name, one)
    return path


def test_older_format_says_how_to_train_the_same_model_again(tmp_path):
    with pytest.raises(OutdatedModelError) as caught:
        artifact.read(written(tmp_path / "week.zip", 1, OLD_CONFIG))
    assert caught.value.message == (
        "is of format 1, written by mods 0.0.9; this version reads format 2"
    )
    again = "mods train --model_name week --sequence_len 12 --steps_ahead 6 --model_type LSTM"
    assert caught.value.fix == f"Train it again: {again}"
    with pytest.raises(OutdatedModelError):
        artifact.manifest(tmp_path / "week.zip")


def test_newer_format_asks_for_a_newer_mods(tmp_path):
    with pytest.raises(OutdatedModelError, match="Install mods 0.0.9 or later"):
        artifact.read(written(tmp_path / "week.zip", 3, OLD_CONFIG))


def test_settings_of_an_older_format_cannot_leave_the_line_that_is_told(tmp_path):
    hostile = {"model_type": "$(reboot)\n; rm -r *", "steps_ahead": [1], "blocks": {"a": 1}}
    with pytest.raises(OutdatedModelError) as caught:
        artifact.read(written(tmp_path / "week.zip", 1, hostile))
    assert "--model_type '$(reboot) ; rm -r *'" in caught.value.fix
    assert "\n" not in str(caught.value)
    assert "--blocks" not in caught.value.fix


def test_no_model_and_no_file_are_told_apart_from_corruption(tmp_path):
    with pytest.raises(ModelNotFoundError):
        artifact.read(tmp_path / "none.zip")
    with pytest.raises(ModelNotFoundError):
        artifact.read(tmp_path)


def test_a_save_that_fails_leaves_the_old_model(saved):
    broken = Parts(PARTS.config, {"bad": float("nan")}, {}, {})
    with pytest.raises(ValueError, match="JSON compliant"):
        artifact.write(saved, broken)
    assert same(artifact.read(saved), PARTS)
    assert catalogue.names(saved.parent) == ["m"]


def test_a_full_disk_leaves_the_old_model_and_no_draft(saved):
    large = Parts({}, {}, {}, {"w": np.zeros(100_000)})
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(ResourceError, match="cannot be written: File too large"):
            artifact.write(saved, large)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert same(artifact.read(saved), PARTS)
    assert not list(saved.parent.glob(".*.tmp.zip"))


def test_what_could_not_be_read_again_is_not_written(saved, monkeypatch):
    many = {f"w{number}": np.zeros(1) for number in range(3)}
    with monkeypatch.context() as patched:
        patched.setattr(arrays, "MEMBERS", 2)
        with pytest.raises(
            ResourceError, match=r"3 arrays of .* \(2 of 1,024 MiB\)\. Lower blocks"
        ):
            artifact.write(saved, Parts({}, {}, {}, many))
    huge = np.broadcast_to(np.zeros(1), (1 << 28,))
    with pytest.raises(ResourceError, match="1 arrays of 2,048 MiB"):
        artifact.write(saved, Parts({}, {}, {}, {"w": huge}))
    monkeypatch.setitem(artifact.CAPS, "state.json", 100)
    with pytest.raises(ResourceError, match="state.json would have .* and 100 are allowed"):
        artifact.write(saved, Parts({}, {"a": "b" * 100}, {}, {}))
    assert same(artifact.read(saved), PARTS)


def test_arrays_that_fill_what_is_allowed_are_read_again(monkeypatch):
    found = arrays.unpack(arrays.pack({f"w{number:06d}": np.zeros(1) for number in range(5_000)}))
    assert len(found) == 5_000
    wide = {f"{'w' * 90}{number}": np.zeros((1,) * 8) for number in range(20)}
    monkeypatch.setattr(arrays, "BYTES", len(arrays.pack(wide)))
    with pytest.raises(ResourceError):
        arrays.pack(wide)


def test_two_saves_of_one_name_wait_for_each_other(saved, monkeypatch):
    monkeypatch.setattr(artifact, "PATIENCE", 0.05)
    with locks.alone(saved, 1.0), pytest.raises(ResourceError, match="another process"):
        artifact.write(saved, PARTS)


def test_killed_saves_leave_a_whole_model_and_nothing_after_the_sweep(saved):
    code = (
        "import sys, numpy\n"
        "from mods.models import artifact\n"
        "from mods.models.trained import Parts\n"
        "parts = Parts({}, {}, {}, {'w': numpy.zeros(3_000_000)})\n"
        "print('ready', flush=True)\n"
        "while True: artifact.write(sys.argv[1], parts)"
    )
    for delay in (0.01, 0.05, 0.12):
        process = subprocess.Popen([sys.executable, "-c", code, str(saved)], stdout=subprocess.PIPE)
        process.stdout.readline()
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        artifact.read(saved)
    catalogue.sweep(saved.parent)
    assert [file.name for file in saved.parent.iterdir() if file.name != ".locks"] == ["m.zip"]


def test_the_same_arrays_give_the_same_bytes():
    assert arrays.pack(PARTS.weights) == arrays.pack(dict(PARTS.weights))
