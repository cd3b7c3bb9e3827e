"""`python -m mods` is `mods`; its bare `--help` loads the list of commands and nothing else."""

from __future__ import annotations

import contextlib
import sys

from mods import commands

HELP: tuple[list[str], ...] = ([], ["-h"], ["--help"], ["help"])


def main() -> int:
    """Run the command line given to this process and return its exit code."""
    if sys.argv[1:] in HELP and sys.stdout is not None:
        with contextlib.suppress(OSError):  # the command line tells what a full disk is
            sys.stdout.write(f"{commands.overview()}\n")
            sys.stdout.flush()
            return 0
    from mods.cli import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
