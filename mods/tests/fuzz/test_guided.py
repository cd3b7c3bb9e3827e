"""The same parsers, led by coverage; needs atheris (pip install mods[fuzz])."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys

import pytest

from mods.tests.fuzz.targets import TARGETS

pytestmark = pytest.mark.fuzz


@pytest.mark.skipif(not importlib.util.find_spec("atheris"), reason="atheris is not installed")
@pytest.mark.timeout(0)
@pytest.mark.parametrize("name", list(TARGETS))
def test_coverage_leads_to_no_other_error(name, cases, tmp_path):
    command = [sys.executable, "-m", "mods.tests.fuzz.guided", name, f"-runs={10 * cases}"]
    run = subprocess.run(  # noqa: S603 - our own module
        [*command, f"-artifact_prefix={tmp_path}/", "-max_len=600"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-3000:]
    assert re.search(rf"Done {10 * cases} ", run.stderr) or "DONE" in run.stderr
