"""Writes the pages that are read from the code: settings, features, networks, metrics.

python docs/write_tables.py    (or `make docs`); a test fails where a page is out of date.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from pathlib import Path

from mods import architectures, config, request
from mods.features import catalog, definitions
from mods.series import metrics
from mods.settings import Setting, Span, settings

HERE = Path(__file__).parent
NOTE = "<!-- Written by docs/write_tables.py from the code: change it there, then `make docs`. -->"


def pages() -> dict[str, str]:
    """File name -> text of every page."""
    return {
        "settings.md": page("Settings", SETTINGS, *setting_tables()),
        "features.md": page("Features", FEATURES, *feature_tables()),
        "networks.md": page("Networks", NETWORKS, network_table()),
        "metrics.md": page("Metrics", METRICS, metric_table()),
        "tuning.md": with_search_space((HERE / "tuning.md").read_text()),
        "serving.md": with_options((HERE / "serving.md").read_text()),
    }


SEARCH = (
    "<!-- search space: begin, written by docs/write_tables.py -->",
    "<!-- search space: end -->",
)

OPTIONS = ("<!-- options: begin, written by docs/write_tables.py -->", "<!-- options: end -->")
SETTINGS = """Each setting is declared once, in `mods/config.py` (all that makes a model) or
`mods/request/` (what is wanted now), and is the same on the command line (`--steps_ahead 6`;
hyphens are accepted), in the REST service and in Python (`mods.Config(steps_ahead=6)`)."""
FEATURES = """What a datapool holds, per protocol and window. Each feature is computed for three
directions: `in` (from outside to a local host), `out` and `internal`; its column is `in_NAME`, or
plainly the direction where the name is empty. `count` counts records, `distinct` different values
(unset and empty left out), `true` and `false` flags. The reference's features are always there;
packaged sets and features of your own come behind them: [own-features.md](own-features.md)."""
NETWORKS = """The choices of `--model_type`. Each is one function in `mods/architectures/`. What
their settings do, when to take which and how accurate they are:
[architectures.md](architectures.md)."""
METRICS = """What `train` and `backtest` report per feature and lead, under these names, always
beside persistence ("same as now") and the other [baselines](baselines.md): with overlapping windows
a score alone means nothing. `NAME_mae` is the `mae` of a baseline on the same targets; `mean` in a
summary is `rel_mae`, mean over the leads and features."""


def page(title: str, introduction: str, *parts: str) -> str:
    """A page of Markdown."""
    return "\n\n".join((f"# {title}", NOTE, introduction, *parts)) + "\n"


def table(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A table of Markdown."""
    heads = list(heads)
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cell(value) for value in line)} |" for line in lines)


def cell(value: object) -> str:
    """The text of a cell: a bar would end it."""
    return str(value).replace("|", "\\|")


def setting_tables() -> list[str]:
    """One table per class that declares settings."""
    classes = [config.Config] + [
        found
        for found in vars(request).values()
        if inspect.isclass(found) and issubclass(found, request.Request) and settings(found)
    ]
    heads = ("setting", "default", "allowed", "meaning")
    parts = []
    for declaring in classes:
        rows = [setting_row(one) for one in settings(declaring)]
        title = f"{declaring.__module__}.{declaring.__name__}"
        parts.append(f"## {title}\n\n{first_line(declaring)}\n\n{table(heads, rows)}")
    return parts


def setting_row(one: Setting) -> tuple[object, ...]:
    """Name, default, limits and help of one setting."""
    default = (
        "required" if one.required else "" if one.default in (None, ()) else f"`{one.default}`"
    )
    meaning = one.help if one.rest else f"{one.help} (command line only)"
    return f"`{one.name}`", default, one.limits, meaning


def feature_tables() -> list[str]:
    """One table per protocol of the reference, then one per log of each packaged set."""
    parts = [
        f"## {protocol}\n\n"
        + table(("name", "columns", "from"), map(feature_row, catalog.REFERENCE.features(protocol)))
        for protocol in catalog.PROTOCOLS
    ]
    for name in definitions.PACKAGED:
        rows = [
            (*feature_row(one)[:1], one.protocol, *feature_row(one)[1:], one.why)
            for one in definitions.catalogue([name]).extra
        ]
        heads = ("name", "log", "columns", "from", "why")
        parts.append(f"## --features {name}\n\n{table(heads, rows)}")
    return parts


def feature_row(one: catalog.Feature) -> tuple[str, str, str]:
    """Name, columns and origin of a feature."""
    columns = ", ".join(one.label(where) for where in one.directions)
    if one.over:
        return one.name, columns, f"`{one.over[0]}` / `{one.over[1]}`"
    rank = f"{one.q} " if one.q is not None else ""
    taken = f" where `{one.where}`" if one.where else ""
    return (
        one.name or "(none)",
        columns,
        f"{rank}{one.aggregate} of {one.column or 'records'}{taken}",
    )


def network_table() -> str:
    """All networks with their first lines."""
    rows = [(f"`{name}`", first_line(architectures.find(name))) for name in architectures.names()]
    return table(("model_type", "what it is"), rows)


def metric_table() -> str:
    """The public functions of mods.series.metrics that return one number."""
    rows = [
        (f"`{name}`", first_line(found))
        for name, found in vars(metrics).items()
        if inspect.isfunction(found)
        and found.__module__ == metrics.__name__
        and not name.startswith("_")
        and found.__annotations__.get("return") == "float"
    ]
    return table(("metric", "what it is"), rows)


def with_search_space(text: str) -> str:
    """The page on tuning with its table of what is tried of each setting."""
    rows = [(f"`{one.name}`", tried(one.tune)) for one in settings(config.Config) if one.tune]
    return between(text, SEARCH, table(("setting", "tried"), rows))


def with_options(text: str) -> str:
    """The page on serving with the table of its options."""
    declared = settings(request.ServeRequest)
    rows = [(f"`--{one.name}`", *setting_row(one)[1:3], one.help) for one in declared]
    return between(text, OPTIONS, table(("option", "default", "allowed", "meaning"), rows))


def between(text: str, marks: tuple[str, str], made: str) -> str:
    """The text with something else between two marks."""
    begin, rest = text.split(marks[0])
    end = rest.split(marks[1])[1]
    return f"{begin}{marks[0]}\n\n{made}\n\n{marks[1]}{end}"


def tried(values: tuple[object, ...] | Span) -> str:
    """What `mods tune` tries, in words."""
    if isinstance(values, Span):
        return f"{values.low:g} to {values.high:g}" + (", logarithmic" if values.log else "")
    words = {True: "yes", False: "no"}
    return ", ".join(words[v] if isinstance(v, bool) else str(v) for v in values)


def first_line(thing: object) -> str:
    """The first line of a docstring."""
    return (inspect.getdoc(thing) or "").partition("\n")[0]


def main() -> None:
    """Write every page beside this file."""
    for name, text in pages().items():
        (HERE / name).write_text(text)


if __name__ == "__main__":
    main()
