"""Places of the server in what clients are told: a model by its name, a file by its place within.

The command line keeps whole paths: who reads those sits at the machine.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path

from mods import paths
from mods.errors import UsageError

MODELS = "models"
MODEL = rf"/({paths.NAME.pattern})\.zip"


def hidden(text: str, further: Iterable[str] = ()) -> str:
    """The text without folders of this machine: what lies in them keeps its place there.

    further:  other places that are no client's affair
    """
    words = _words(further)
    for place in sorted(words, key=len, reverse=True):  # the innermost first
        text = re.sub(re.escape(place) + MODEL, r"\1", text) if words[place] == MODELS else text
        text = re.sub(rf"{re.escape(place)}/(?=[^\s/])", "", text).replace(place, words[place])
    return text


def _words(further: Iterable[str]) -> dict[str, str]:
    """What to call each place, as it is given and as it really is; never the root."""
    given = {place: Path(place).name for place in (tempfile.gettempdir(), *further)}
    given |= {str(paths.base()): "base", str(paths.checkpoints()): "checkpoints"}
    given |= {str(paths.jobs()): "jobs", str(paths.features()): "datapool"}
    with contextlib.suppress(UsageError):  # a namespace that is none, which others tell
        given[str(paths.models())] = MODELS
    real = {os.path.realpath(place): word for place, word in given.items()}
    return {place: word for place, word in {**real, **given}.items() if len(place) > 1}
