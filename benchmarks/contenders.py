"""The contenders as commands, and the environment that zat gets for itself."""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.measure import ROOT, Contender

ZAT = "zat>=0.4.9"
HERE = ROOT / "benchmarks"


def log(cache: Path, kind: str, rows: int) -> Path:
    """The generated log of so many records, as `logs.py` says now; made once and kept."""
    recipe = hashlib.sha256((HERE / "logs.py").read_bytes()).hexdigest()[:8]
    path = cache / recipe / f"{kind}-{rows}" / f"{kind.partition('-')[0]}.log"
    if not path.is_file():
        module = [sys.executable, "-m", "benchmarks.logs"]
        subprocess.run([*module, kind, str(rows), str(path)], cwd=ROOT, check=True)
    return path


def mods(path: Path, pool: Path, window: str, memory: str, *, panes: bool = True) -> Contender:
    """`mods prepare`, into a datapool made anew each time."""
    options = ["--output", str(pool), "--window_slide", window, "--memory", memory, "--quiet"]
    kept = ["--rebuild", "true"] if panes else ["--rebuild", "true", "--no_panes", "true"]
    return Contender([sys.executable, "-m", "mods", "prepare", str(path), *options, *kept])


def scan(path: Path, encoding: str = "utf-8") -> Contender:
    """The raw scan of the same file."""
    return Contender([sys.executable, "-m", "benchmarks.scan", str(path), encoding])


def zat(cache: Path, path: Path, window: tuple[int, int], result: Path, way: str) -> Contender:
    """Pandas fed by zat, in an environment of its own: its dependencies are not ours to bound.

    `way` is which columns and how windows are made (with_zat.py), as in "all explode".
    """
    home = cache / "zat"
    python = home / "bin" / "python"
    if not (home / "installed").is_file():
        shutil.rmtree(home, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", ZAT], check=True)
        (home / "installed").touch()
    sizes = [str(one) for one in window]
    return Contender(
        [str(python), str(HERE / "with_zat.py"), str(path), *sizes, str(result), *way.split()]
    )


def spark(path: Path, window: tuple[int, int], result: Path) -> Contender | None:
    """PySpark on two cores; None where it cannot be imported or there is no Java."""
    if importlib.util.find_spec("pyspark") is None or shutil.which("java") is None:
        return None
    sizes = [str(one) for one in window]
    script = [sys.executable, str(HERE / "with_spark.py"), str(path), *sizes, str(result)]
    return Contender(script, reports=True)
