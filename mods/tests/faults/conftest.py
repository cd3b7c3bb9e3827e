"""Logs of some hours, and the commands that write: what each begins from, and what it writes."""

import json

import numpy as np
import pytest

from mods.flows.prepare import prepare
from mods.models import artifact, feedback
from mods.models.trained import Parts
from mods.tests.faults.writers import SAVE, Writer
from mods.tests.flows.test_increment import conn, dns, request
from mods.tests.flows.test_prepare import put

HOUR = 60
MARK, MARKS = "mark", 100
NETWORKS = ("--local_networks", "10.0.0.0/8,fc00::/7")
SHAPES = {
    "folders": {"layout": "folders"},
    "daily": {"layout": "daily"},
    "monthly": {"layout": "monthly"},
    "parquet": {"layout": "parquet"},
    "by": {"by": "subnet:24"},
    "by-monthly": {"by": "subnet:24", "layout": "monthly"},
}


@pytest.fixture(scope="session")
def place(tmp_path_factory):
    """Logs of two days, the last hour of the second in `more`."""
    place = tmp_path_factory.mktemp("faults")
    for hour in (0, 1, 24, 25, 26):
        minutes = range(hour * HOUR, (hour + 1) * HOUR, 3)
        folder = place / ("more" if hour == 26 else "logs")
        put(folder, f"conn.{hour}.log.gz", conn(minutes))
        put(folder, f"dns.{hour}.log", dns(minutes))
    return place


@pytest.fixture(scope="session")
def pools(place):
    """Where the pool of a shape lies, without the hour in `more`; made when first asked for."""

    def made(shape):
        pool = place / "pools" / shape
        if not pool.exists():
            prepare(request(place / "logs", pool, **SHAPES[shape]))
        return pool

    return made


def marks(count=MARKS):
    """Marks of as many events, an hour apart, as `mods events --mark` keeps them."""
    return [
        {
            "id": f"{number:012x}",
            "as": "true",
            "start": f"2024-03-{1 + number // 24:02}T{number % 24:02}:00:00Z",
            "end": f"2024-03-{1 + number // 24:02}T{number % 24:02}:20:00Z",
            "features": ["conn_in"],
            "note": "scan",
            "marked": "2024-04-01T00:00:00.000000+00:00",
        }
        for number in range(count)
    ]


@pytest.fixture(scope="session")
def marked(place):
    """A model in a folder of its own, and beside it what was said about it."""
    model = place / "marked" / "week.zip"
    if not model.exists():
        model.parent.mkdir()
        artifact.write(model, Parts({}, {}, {}, {"weights": np.zeros(10)}))
        said = {"format": feedback.FORMAT, "marks": marks(), "expected": []}
        feedback.place(model).write_text(json.dumps(said, indent=1))
    return model


@pytest.fixture(scope="session")
def writer(place, pools, marked):
    """The writer of a name, whose target is to lie in a folder of its own."""

    def prepared(name, logs, target):
        options = [word for key, value in SHAPES[name].items() for word in (f"--{key}", value)]
        return ("prepare", place / logs, "--output", target, *NETWORKS, *options)

    def found(name, folder):
        what, _, shape = name.partition(" ")
        pool, target = pools(shape or "folders"), folder / "target"
        page, file = folder / "page.html", folder / "told.json"
        said = ("--mark", f"{MARKS // 2:012x}", "--as", "false", "--note", "resolver restarted")
        key = place / "site.key"
        words = {
            "prepare": prepared(shape or "folders", "logs", target),
            "add": prepared(shape or "folders", "more", target),
            "trim": ("storage", target, "--keep_panes", "1d"),
            "export": ("export", pool, "--output", target, "--layout", "monthly"),
            "anonymize": ("anonymize", place / "logs", "--output", target, "--key_file", key),
            "report": (*prepared("folders", "logs", pool), "--report", file),
            "check": ("check", pool, "--output", page),
            "features": (
                "features",
                pool,
                "--output",
                page,
                "--data_select_query",
                "conn|in_count_uid",
            ),
            MARK: ("events", marked.stem, "--models", folder, *said),
            SAVE: (SAVE, target),
        }[what]
        if what == MARK:
            kept = feedback.place(marked)
            return Writer(words, folder / kept.name, kept, (marked,))
        if what == "anonymize" and not key.exists():
            key.touch(0o600)
            key.write_text("ab" * 32)
        if what in ("add", "trim"):
            return Writer(words, target, pool)
        if what in ("prepare", "export", "anonymize"):
            return Writer(words, target)
        before = place / f"before-{what}"
        if what == SAVE:
            artifact.write(before, Parts({}, {}, {}, {"weights": np.zeros(10_000)}))
        else:
            before.write_text("an older page\n")
        return Writer(words, {SAVE: target, "report": file}.get(what, page), before)

    return found
