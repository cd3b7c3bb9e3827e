"""The notebooks run from beginning to end (tox -e notebook) and are kept without outputs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import mods

FOLDER = Path(mods.__file__).parents[1] / "notebooks"
BOOKS = sorted(FOLDER.glob("*.ipynb"))

pytestmark = pytest.mark.skipif(not BOOKS, reason="installed without its notebooks")


@pytest.mark.parametrize("path", BOOKS, ids=lambda path: path.stem)
def test_notebook_is_kept_without_outputs_and_without_places_of_a_machine(path):
    book = json.loads(path.read_text())
    code = [cell for cell in book["cells"] if cell["cell_type"] == "code"]
    assert code
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
    assert not any("/home/" in "".join(cell["source"]) for cell in book["cells"])


@pytest.mark.notebook
@pytest.mark.parametrize("path", BOOKS, ids=lambda path: path.stem)
def test_notebook_runs_and_finds_what_was_planted(path, tmp_path, monkeypatch):
    import nbformat
    from nbclient import NotebookClient

    monkeypatch.setenv("MODS_NOTEBOOK_DIR", str(tmp_path))
    book = nbformat.read(path, as_version=4)
    NotebookClient(book, timeout=280, kernel_name="python3").execute()
    outputs = [one for cell in book.cells for one in cell.get("outputs", [])]
    printed = "".join(one.get("text", "") for one in outputs)
    pictures = [one for one in outputs if "image/png" in one.get("data", {})]
    assert len(pictures) == 4
    assert "too little conn_in" in printed, "the outage"
    assert "too much conn_in" in printed, "the scan"
    assert "203.0.113.66" in printed.partition("too much conn_in")[2], "who scanned"
    assert (tmp_path / "models" / "week.zip").is_file()
