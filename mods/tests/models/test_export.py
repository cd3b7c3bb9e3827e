from __future__ import annotations

import tempfile

import pytest

from mods.errors import ResourceError
from mods.models.network import export


def test_a_disk_that_cannot_hold_the_export_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(ResourceError, match="temporary folder: cannot hold .*set TMPDIR"):
        export.exported(None)
