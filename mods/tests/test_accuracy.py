"""benchmarks.accuracy trains, scores and prints a line per network."""

from __future__ import annotations

import pytest

from mods.architectures import registry

accuracy = pytest.importorskip("benchmarks.accuracy", reason="installed without its benchmarks")
PERIODS = ("--train", "<2024-03-04,2024-03-10>", "--test", "<2024-03-11,2024-03-12>")


def test_a_network_is_scored_beside_its_head_alone(pool, monkeypatch, capsys):
    registry.names()
    for known in ("_networks", "_ignored"):
        monkeypatch.setattr(registry, known, dict(getattr(registry, known)))
    sets = "num_epochs=1,blocks=4,sequence_len=4"
    accuracy.main(["--pool", str(pool), *PERIODS, "--types", "MLP", "--sets", sets])
    heads, _, row = capsys.readouterr().out.splitlines()[-3:]
    assert heads.startswith("| model_type | 1 | 3 | 6 | 12 | mean | cover 80 | cover 95 |")
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[0] == "`MLP`"
    assert all(0 < float(cell) < 1.5 for cell in (*cells[1:6], cells[9]))
