"""Logs of some hours, and the commands that write: what each begins from, and what it writes."""

import numpy as np
import pytest

from mods.flows.prepare import prepare
from mods.models import artifact
from mods.models.trained import Parts
from mods.tests.faults.writers import SAVE, Writer
from mods.tests.flows.test_increment import conn, dns, request
from mods.tests.flows.test_prepare import put

HOUR = 60
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


@pytest.fixture(scope="session")
def writer(place, pools):
    """The writer of a name, whose target is to lie in a folder of its own."""

    def prepared(name, logs, target):
        options = [word for key, value in SHAPES[name].items() for word in (f"--{key}", value)]
        return ("prepare", place / logs, "--output", target, *NETWORKS, *options)

    def found(name, folder):
        what, _, shape = name.partition(" ")
        pool, target = pools(shape or "folders"), folder / "target"
        page, file = folder / "page.html", folder / "told.json"
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
            SAVE: (SAVE, target),
        }[what]
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
