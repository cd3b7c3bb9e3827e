"""`deepaas-cli` as DEEPaaS ships it, in front of our model."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = Path(sys.executable).with_name("deepaas-cli")


def called(base, *words):
    """What it says, and what it wrote."""
    env = {**os.environ, "APP_INPUT_OUTPUT_BASE_DIR": str(base), "TF_CPP_MIN_LOG_LEVEL": "3"}
    words = (str(COMMAND), "--deepaas_method_output", str(base / "out.json"), *words)
    ended = subprocess.run(words, env=env, cwd=base, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_help_tells_the_defaults_of_the_settings(tmp_path):
    told = " ".join(called(tmp_path, "train", "--help").split())
    assert "missing" not in told
    assert (
        "Steps to forecast: the whole path 1..k. Allowed: 1 to 1000. Type: str Default: 1" in told
    )


@pytest.mark.server
def test_training_writes_how_it_ended_and_what_was_given(tmp_path, pool):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "features").symlink_to(pool)
    given = {"model_name": "a", "num_epochs": "1", "model_name_timestamp": "false"}
    words = (word for name, value in given.items() for word in (f"--{name}", value))
    called(tmp_path, "train", *words)
    told = json.loads((tmp_path / "out.json").read_text())
    assert told["status"] == "done"
    assert given.items() <= {k: str(v).lower() for k, v in told["args"].items()}.items()
    assert (tmp_path / "models" / "a.zip").is_file()
