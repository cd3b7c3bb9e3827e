"""Commands that write, each with what it changes, run in processes that begin in milliseconds."""

import contextlib
import gzip
import io
import json
import multiprocessing
import resource
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

STARTER = multiprocessing.get_context("forkserver")
STARTER.set_forkserver_preload([
    "mods.cli", "mods.flows.anonymize", "mods.flows.check", "mods.flows.events",
    "mods.flows.export", "mods.flows.features", "mods.flows.prepare", "mods.flows.storage",
    "mods.models.artifact", "mods.models.trained", "mods.tests.faults.writers",
    "mods.visualization.calendar", "mods.visualization.selection",
])  # fmt: skip
SAVE = "save"


@dataclass(frozen=True)
class Writer:
    """A command line, the file or folder that it writes, and what lies there before.

    beside:  files that lie beside the target and stay as they are
    """

    words: tuple
    target: Path
    before: Path | None = None
    beside: tuple[Path, ...] = ()

    def reset(self):
        """Only what lay there before."""
        shutil.rmtree(self.target.parent, ignore_errors=True)
        self.target.parent.mkdir(parents=True)
        for path in self.beside:
            shutil.copy2(path, self.target.parent)
        if self.before is not None and self.before.is_dir():
            shutil.copytree(self.before, self.target)
        elif self.before is not None:
            shutil.copy2(self.before, self.target)

    def files(self):
        """Every file of the target and its bytes; None where there is none."""
        if not self.target.is_dir():
            return {"": self.target.read_bytes()} if self.target.exists() else None
        found = (path for path in self.target.rglob("*") if path.is_file())
        return {str(path.relative_to(self.target)): path.read_bytes() for path in found}

    def leftovers(self):
        """What lies beside the target and is no lock."""
        known = {self.target.name, f".{self.target.name}.lock", ".locks"}
        known |= {path.name for path in self.beside}
        return {path.name for path in self.target.parent.iterdir()} - known

    def run(self, limit=None):
        """Exit code and what was said on stderr; no file may grow beyond the limit (bytes)."""
        process, told, _ = self.start(limit)
        try:
            return told.recv()
        finally:
            process.join()

    def start(self, limit=None):
        """The process, the end of a pipe that will tell how it ended, and whether it has begun."""
        told, telling = STARTER.Pipe(duplex=False)
        begun = STARTER.Event()
        words = [str(word) for word in self.words]
        process = STARTER.Process(target=work, args=(words, limit, telling, begun))
        process.start()
        telling.close()
        return process, told, begun


def work(words, limit, telling, begun):
    """Run a command line and tell how it ended."""
    from mods import cli

    said = io.StringIO()
    if limit is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    begun.set()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
        code = save(words[1]) if words[0] == SAVE else cli.main([*words, "--quiet"])
    telling.send((code, said.getvalue()))


def save(path):
    """Save a model with other weights under its name; 5 where the disk refuses."""
    import numpy as np

    from mods.errors import ResourceError
    from mods.models import artifact
    from mods.models.trained import Parts

    try:
        artifact.write(path, Parts({}, {}, {}, {"weights": np.ones(20_000)}))
    except ResourceError as error:
        sys.stderr.write(f"mods: error: {error}\n")
        return error.exit_code
    return 0


def seen(files):
    """What has to be the same again: all bytes, but of panes only which there are, from when on.

    Their bytes depend on the order of threads, and their manifest on when logs were written.
    """
    if files is None:
        return None
    kept = {name: body for name, body in files.items() if not name.startswith("panes/")}
    panes = {name for name in files if name.startswith("panes/") and name.endswith(".parquet")}
    for name in set(files) - set(kept) - panes:
        record = json.loads(gzip.decompress(files[name]))
        named = {f"{one['protocol']}/{one['name']}" for one in record["batches"]}
        assert named == {"/".join(pane.split("/")[2:4]).partition(".")[0] for pane in panes}
        kept[name] = record["begin"], record["windows"], sorted(panes)
    return kept
