"""Zeek's networks.cfg: found where a Zeek site has it, read as Zeek reads it."""

from pathlib import Path

import pytest

from mods.dataset import networks
from mods.errors import InputError

TEXT = """# List of local networks in CIDR notation
10.0.0.0/8          Private IP space
  2001:db8::/32\tour own   # since May

"""


def put(path: Path, text: str = TEXT) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_networks_are_read_without_remarks(tmp_path):
    assert networks.read(put(tmp_path / "networks.cfg")) == ("10.0.0.0/8", "2001:db8::/32")


def test_a_byte_order_mark_is_no_part_of_the_first_network(tmp_path):
    path = put(tmp_path / "networks.cfg", "\ufeff10.0.0.0/8\n")
    assert networks.read(path) == ("10.0.0.0/8",)


def test_the_nearest_is_found(tmp_path):
    logs = tmp_path / "zeek" / "logs" / "2024-04-19"
    logs.mkdir(parents=True)
    (logs / "conn.log").touch()
    assert networks.find(logs) is None
    above = put(tmp_path / "etc" / "networks.cfg")
    assert networks.find(logs) == above
    site = put(tmp_path / "zeek" / "etc" / "networks.cfg")
    assert networks.find(logs) == networks.find(logs / "conn.log") == site
    beside = put(logs / "networks.cfg")
    assert networks.find(logs) == beside


def test_what_cannot_be_read_says_so(tmp_path):
    path = tmp_path / "networks.cfg"
    with pytest.raises(InputError, match=r"networks\.cfg: cannot be read \(No such file"):
        networks.read(path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="is no text"):
        networks.read(path)
