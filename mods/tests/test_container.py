"""The container's files agree with each other and with the package; docker/try.sh runs images."""

from __future__ import annotations

import http.server
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
import yaml

import mods

ROOT = Path(mods.__file__).parents[1]
DOCKER = ROOT / "docker"

pytestmark = pytest.mark.skipif(
    not (DOCKER / "Dockerfile").is_file(), reason="installed without its container files"
)


def stages() -> dict[str, dict[str, Any]]:
    """Each stage with its parent and its instructions, [(word, rest)], in order."""
    text = re.sub(r"^\s*#.*\n", "", (DOCKER / "Dockerfile").read_text(), flags=re.MULTILINE)
    found: dict[str, dict[str, Any]] = {"": {"parent": "", "lines": []}}
    at = ""
    for line in filter(None, text.replace("\\\n", " ").splitlines()):
        word, _, rest = line.partition(" ")
        if word == "FROM":
            parent, _, at = rest.partition(" AS ")
            found[at] = {"parent": parent, "lines": []}
        else:
            found[at]["lines"].append((word, " ".join(rest.split())))
    return found


def instructions(stage: str) -> list[tuple[str, str]]:
    """All that makes a stage, its parents' instructions first."""
    known = stages()
    if stage not in known:
        return []
    return [*instructions(known[stage]["parent"]), *known[stage]["lines"]]


def said(stage: str, word: str) -> list[str]:
    return [rest for found, rest in instructions(stage) if found == word]


def test_every_stage_stands_on_one_before_it_or_on_the_base():
    before = ["${BASE}"]
    for name, stage in stages().items():
        if not name:
            assert [word for word, _ in stage["lines"]] == ["ARG"]
            continue
        assert stage["parent"] in before
        for rest in (rest for word, rest in stage["lines"] if word == "COPY"):
            source = re.match(r"--from=(\S+)", rest)
            assert source is None or source[1] in before
        before.append(name)
    assert before[-1] == "train", "the last stage is what is built without a target"


@pytest.mark.parametrize("stage", ["serve", "train"])
def test_what_runs_has_no_rights_a_health_check_and_the_platforms_ports(stage):
    assert said(stage, "USER") == ["mods"]
    assert "docker/healthy.py" in said(stage, "HEALTHCHECK")[-1]
    assert said(stage, "EXPOSE") == ["5000 6006 8888"]
    assert said(stage, "WORKDIR")[-1] == "/srv/mods"
    assert "/srv/mods/docker/start.sh" in said(stage, "CMD")[-1]


def test_only_what_trains_has_tensorflow_for_the_device_that_was_asked_for():
    extras = (ROOT / "setup.cfg").read_text()
    installs = " ".join(said("build-train", "RUN"))
    wanted = re.search(r'"\.\[\$\{DEVICE\},([a-z,]+)\]"', installs)
    assert wanted is not None
    for extra in ("cpu", "gpu", *wanted[1].split(",")):
        assert re.search(rf"^{extra} =$", extras, re.MULTILINE), extra
    assert ".[" not in " ".join(said("build-serve", "RUN"))
    assert said("serve", "COPY")[-1] == "--from=build-serve /srv /srv"
    assert said("train", "COPY")[-1] == "--from=build-train /srv /srv"


def test_no_index_and_no_secret_stands_in_an_image():
    text = (DOCKER / "Dockerfile").read_text() + (DOCKER / "compose.yml").read_text()
    assert not re.search(r"index-url|find-links|trusted-host|PIP_", text)
    assert not re.search(r"(ENV|ARG) +\S*(TOKEN|PASSWORD|SECRET)", text)
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert ignored[1] == "*", "all is left out but what is named"
    for kept in (line[1:] for line in ignored if line.startswith("!")):
        assert list(ROOT.glob(kept)), kept


def test_what_is_copied_is_in_the_context():
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    kept = {line[1:] for line in ignored if line.startswith("!")}
    for rest in (rest for rest in said("build", "COPY") if not rest.startswith(("--", ". "))):
        for name in rest.split()[:-1]:
            assert name in kept or name.split("/")[0] in kept, name
            assert (ROOT / name).exists(), name
    assert {"docker/start.sh", "docker/healthy.py"} <= kept


def test_compose_opens_to_this_machine_alone_and_takes_a_token():
    services = yaml.safe_load((DOCKER / "compose.yml").read_text())["services"]
    assert set(services) == {"serve", "train", "gpu"}
    for name, service in services.items():
        assert service["build"]["target"] in stages(), name
        assert (DOCKER / service["build"]["context"] / service["build"]["dockerfile"]).is_file()
        assert service["ports"] == ["127.0.0.1:${MODS_PORT:-5000}:5000"]
        assert service["environment"]["MODS_TOKEN"].startswith("${MODS_TOKEN:?")
        assert service["environment"]["MODS_ADMIN_TOKEN"] is None, "an empty one is refused"
        assert service["read_only"] is True
        assert {"mem_limit", "pids_limit"} <= set(service)
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        places = [volume.partition(":")[2] for volume in service["volumes"]]
        assert service["environment"]["TMPDIR"] in places, "uploads and spills are not for memory"
        assert all(":size=" in place for place in service["tmpfs"])
        made = " ".join(said("runtime", "RUN"))
        ours = {place for place in places if place != service["environment"]["TMPDIR"]}
        assert all(place.removeprefix("/srv/mods/") in made for place in ours)
    assert services["gpu"]["build"]["args"] == {"DEVICE": "gpu"}


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize("script", ["base.sh", "build.sh", "lean.sh", "start.sh", "try.sh"])
def test_scripts_can_be_read_by_their_shell(script):
    path = DOCKER / script
    assert path.stat().st_mode & 0o111, "is to be run"
    done = subprocess.run(["bash", "-n", str(path)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_start_takes_deep_start_where_it_is_and_else_the_doors_of_mods(tmp_path):
    script = (DOCKER / "start.sh").read_text()
    path = tmp_path / "bin"
    path.mkdir()
    for name in ("deep-start", "mods"):
        (path / name).write_text(f'#!/bin/sh\necho {name} "$@"\n')
        (path / name).chmod(0o755)
    there = tmp_path / "deep-start.sh"
    local = script.replace("/srv/.deep-start/deep-start.sh", str(there))
    env = {"PATH": f"{path}:/usr/bin:/bin", "MODS_HOST": "0.0.0.0", "MODS_PORT": "5000"}  # noqa: S104

    def start(*words: str, **more: str) -> str:
        return subprocess.run(
            ["sh", "-c", local, "start.sh", *words],
            env=env | more,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()

    usual = "mods serve --host 0.0.0.0 --port 5000 --log_format json"
    assert start() == usual
    assert start("--workers", "4") == f"{usual} --workers 4"
    secret = "/run/secrets/our tokens"
    assert start("--workers", "4", MODS_TOKEN_FILE=secret) == (
        f"{usual} --token_file {secret} --workers 4"
    )
    there.touch(mode=0o755)
    assert start() == "deep-start --deepaas"


def test_lean_takes_what_only_tests_and_compilers_read(tmp_path):
    goes = [
        "pandas/tests/test_frame.py",
        "scipy/stats/tests/data/table.npy",
        "sklearn/_loss/_loss.pyx",
        "pyarrow/include/arrow/api.h",
        "tensorflow/include/llvm/anything.inc",
        "clang/native/libclang.so",
    ]
    stays = [
        "pandas/testing.py",
        "scipy/stats/_stats.so",
        "numpy/_core/tests/_natype.py",
        "tensorflow/_api/v2/test/__init__.py",
        "tensorflow/tests/__init__.py",
        "nvidia/cuda_runtime/include/cuda.h",
        "libclang-18.dist-info/METADATA",
    ]
    for name in (*goes, *stays):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    subprocess.run(["sh", str(DOCKER / "lean.sh"), str(tmp_path)], check=True)
    left = {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file()}
    assert left == set(stays)


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({"/healthz": 200}, 0),
        ({"/healthz": 503}, 1),
        ({"/healthz": 401, "/v2/": 200}, 1),
        ({"/v2/": 200}, 0),
        ({}, 1),
        (None, 1),
    ],
    ids=["well", "failing", "closed", "plain-deepaas", "something-else", "nobody"],
)
def test_health_is_that_of_the_service(answers, code):
    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response((answers or {}).get(self.path, 404))
            self.end_headers()

        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        if answers is None:
            server.server_close()
        else:
            thread.start()
        done = subprocess.run(
            [sys.executable, str(DOCKER / "healthy.py")],
            env={"MODS_PORT": str(server.server_port)},
            capture_output=True,
            text=True,
            check=False,
        )
        if answers is not None:
            server.shutdown()
            thread.join()
    assert done.returncode == code
    assert "Traceback" not in done.stderr
