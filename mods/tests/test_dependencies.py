"""What mods imports is what its installation brings, not what another package happens to bring."""

from __future__ import annotations

import configparser
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

import mods
from mods.tests.test_layers import imports, modules

SETUP = Path(mods.__file__).parent.parent / "setup.cfg"
READS = {"zoneinfo": "tzdata"}  # what a module of Python needs where the system has none


def normal(name: str) -> str:
    """A name as the package index knows it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def declared() -> set[str]:
    """The distributions in setup.cfg, of the base and of all extras."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(SETUP)
    texts = [parser["options"]["install_requires"], *parser["options.extras_require"].values()]
    lines = [line.strip() for text in texts for line in text.splitlines()]
    return {normal(re.match(r"[\w.-]+", one)[0]) for one in lines if one and one[0] != "#"}


def wanted() -> set[str]:
    """The top-level packages that mods imports, also inside functions."""
    found = {
        name.split(".")[0]
        for _, tree in modules(SETUP.parent / "mods")
        for name in imports(tree, {})
    }
    found |= {data for name, data in READS.items() if name in found}
    return found - sys.stdlib_module_names - {"mods"}


@pytest.mark.skipif(not SETUP.is_file(), reason="installed without its setup.cfg")
def test_everything_imported_is_declared():
    brings = packages_distributions()
    lost = {
        name
        for name in wanted()
        if not {normal(one) for one in brings.get(name, [name])} & declared()
    }
    assert not lost
