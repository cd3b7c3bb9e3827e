"""The docs say what the code does: pages are fresh, links lead somewhere, examples run."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

import mods
from mods import architectures, commands
from mods.config import Config
from mods.deepaas import answers, described
from mods.features import catalog
from mods.request import ForecastRequest, Given
from mods.settings import Span, settings

ROOT = Path(mods.__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])

pytestmark = pytest.mark.skipif(
    not (ROOT / "docs").is_dir(), reason="installed without its docs: nothing to compare"
)


def page(name: str) -> str:
    return (ROOT / name).read_text()


def readme_example() -> str:
    found = re.findall(r"```python\n(.*?)```", page("README.md"), re.DOTALL)
    assert len(found) == 1
    return found[0]


def writer():
    place = importlib.util.spec_from_file_location("write_tables", ROOT / "docs/write_tables.py")
    module = importlib.util.module_from_spec(place)
    place.loader.exec_module(module)
    return module


def test_pages_written_from_the_code_are_fresh():
    for name, text in writer().pages().items():
        assert page(f"docs/{name}") == text, f"docs/{name} is out of date: make docs"


def test_every_setting_of_every_command_is_in_the_docs():
    text = page("docs/settings.md")
    for command in map(commands.find, commands.names()):
        for one in (one for cls in command.classes for one in settings(cls)):
            assert f"| `{one.name}` |" in text, one.name


def test_every_feature_network_and_metric_is_in_the_docs():
    features = page("docs/features.md")
    for protocol in catalog.PROTOCOLS:
        for column in catalog.REFERENCE.columns(protocol):
            assert column in features
    networks = page("docs/networks.md")
    assert all(f"`{name}`" in networks for name in architectures.names())
    metrics = page("docs/metrics.md")
    for name in ("mods_smape", "mods_r2", "mods_rmse", "mods_cosine", "mae", "mase"):
        assert f"`{name}`" in metrics


def test_every_field_and_part_of_a_prediction_over_rest_is_in_the_docs():
    text = page("docs/predicting-over-rest.md")
    for name in answers.ModelPredictionResponse().fields:
        assert f"`{name}`" in text, name
    for name in (one.name for cls in (ForecastRequest, Given) for one in settings(cls) if one.rest):
        assert re.search(rf"\b{name}\b[`=\"]", text), name
    for status in (*described.REFUSALS, "401", "403", "415", "504"):
        assert f"\n| {status} |" in text, status


def test_what_tune_tries_of_each_setting_is_in_the_docs():
    lines = page("docs/tuning.md").splitlines()
    told = {line.split("`")[1]: line for line in lines if line.startswith("| `")}
    declared = {one.name: one.tune for one in settings(Config) if one.tune is not None}
    assert told.keys() == declared.keys()
    for name, tried in declared.items():
        values = (tried.low, tried.high) if isinstance(tried, Span) else tried
        words = ["yes" if v is True else "no" if v is False else f"{v:g}" for v in values]
        assert all(word in told[name].split("|")[2] for word in words), name


def test_every_network_has_a_section_that_names_the_settings_it_has_no_use_for():
    sections = re.split(r"^## ", page("docs/architectures.md"), flags=re.MULTILINE)
    found = dict(section.partition("\n")[::2] for section in sections)
    for name in architectures.names():
        said = "It has no use for" in " ".join(found[name].split())
        assert said == bool(architectures.ignored(name)), name
        assert all(f"`{one}`" in found[name] for one in architectures.ignored(name)), name


def test_every_room_of_the_house_is_in_the_plan_for_contributors():
    house = page("CONTRIBUTING.md").partition("## The house")[2].partition("\n## ")[0]
    rooms = {path.parent.name for path in (ROOT / "mods").glob("*/__init__.py")} - {"tests"}
    assert not {room for room in rooms if f"{room}/" not in house}


def test_every_network_says_in_one_line_what_it_is():
    for name in architectures.names():
        line = (architectures.find(name).__doc__ or "").partition("\n")[0]
        assert line.endswith("."), name


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_relative_links_lead_somewhere(path):
    for target in re.findall(r"\]\(([^)#\s]+)\)", path.read_text()):
        if not re.match(r"[a-z]+:", target):
            assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_readme_shows_commands_and_options_that_exist():
    for line in re.findall(r"^ +mods ([\w-]+) ?(.*)$", page("README.md"), re.MULTILINE):
        name, rest = line
        command = commands.find(name)
        known = {one.name for cls in command.classes for one in settings(cls)}
        known |= {*command.extra, *(alias for pair in command.aliases.values() for alias in pair)}
        for option in re.findall(r"--(\w+)", rest):
            assert option in known, f"mods {name} --{option}"


def test_readme_example_runs(pool, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    code = readme_example()
    assert len([line for line in code.splitlines() if line.strip()]) <= 10
    small = code.replace("data/demo/datapool", str(pool)).replace(
        "steps_ahead=6", "steps_ahead=6, num_epochs=1, blocks=4"
    )
    exec(compile(small, "README.md", "exec"), {})  # noqa: S102
    assert (tmp_path / "models" / "conn-lstm.zip").is_file()
    assert "conn_in" in capsys.readouterr().out


def test_what_a_page_imports_in_a_line_is_there():
    lines = {
        line
        for path in PAGES
        for line in re.findall(
            r"`(from mods[\w.]* import \w+|import mods[\w.]*)`", path.read_text()
        )
    }
    assert "from mods.features.selection import assess" in lines
    for line in lines:
        exec(line, {})  # noqa: S102 - our own pages


def test_changelog_fragments_are_of_a_known_kind():
    kinds = {"added", "changed", "deprecated", "removed", "fixed", "security"}
    for path in (ROOT / "changelog.d").glob("*.md"):
        assert path.name.split(".")[-2] in kinds, path.name


def test_docs_lead_to_nothing_outside_the_project():
    for path in PAGES:
        assert not re.search(r"\]\((\.\./){2}|\]\(/", path.read_text()), path.name
