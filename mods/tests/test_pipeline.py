"""The pipeline's files name what there is: environments, reports, the package's metadata."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

import pytest
import yaml

import mods

ROOT = Path(mods.__file__).parents[1]

pytestmark = pytest.mark.skipif(
    not (ROOT / "Jenkinsfile").is_file(), reason="installed without its pipeline"
)


def ini(name: str) -> configparser.ConfigParser:
    found = configparser.ConfigParser(interpolation=None)
    found.read(ROOT / name)
    return found


def page(name: str) -> dict:
    return yaml.safe_load((ROOT / name).read_text())


def environments() -> set[str]:
    return {name.removeprefix("testenv:") for name in ini("tox.ini").sections()}


def test_every_stage_runs_an_environment_that_there_is_in_a_service_that_there_is():
    services = page(".sqa/docker-compose.yml")["services"]
    run = []
    for criterion in page(".sqa/config.yml")["sqa_criteria"].values():
        for repository in criterion["repos"].values():
            service = services[repository["container"]]
            mounted = [volume["target"] for volume in service["volumes"]]
            assert Path(repository["tox"]["tox_file"]) in [Path(p) / "tox.ini" for p in mounted]
            assert (ROOT / service["build"]["dockerfile"]).is_file()
            run.extend(repository["tox"]["testenv"])
    assert {"qc.sty", "qc.cov", "qc.sec"} <= set(run) <= environments()


def test_names_of_the_platform_are_other_names_and_no_copies():
    tox = ini("tox.ini")
    for alias, own in (("qc.sty", "lint"), ("qc.cov", "coverage"), ("qc.sec", "bandit")):
        commands = tox[f"testenv:{alias}"]["commands"].strip().splitlines()
        assert commands[-1] == f"{{[testenv:{own}]commands}}"
        assert len(commands) <= 2


def test_reports_are_written_where_jenkins_looks_for_them():
    jenkins = (ROOT / "Jenkinsfile").read_text()
    tox = ini("tox.ini")
    for environment, written, wanted in (
        ("qc.sty", "--output-file flake8.log", "pattern: 'flake8.log'"),
        ("coverage", "-o coverage.xml", "pattern: 'coverage.xml'"),
        ("bandit", "--output bandit/index.html", "reportDir: 'bandit'"),
    ):
        assert written in tox[f"testenv:{environment}"]["commands"]
        assert wanted in jenkins
    for name in re.findall(r"(?:configFile|composeFile): '([^']+)'", jenkins):
        assert (ROOT / name).is_file()
    for name in re.findall(r"--file (\S+)", jenkins):
        assert (ROOT / name).is_file()


def test_metadata_of_the_hub_are_those_of_the_package():
    about, package = page("ai4-metadata.yml"), ini("setup.cfg")["metadata"]
    assert about["summary"].lower().rstrip(".") in package["description"].lower()
    assert about["tags"] == [one.strip() for one in package["keywords"].split(",")]
    assert about["links"]["citation"] == package["url"]
    assert about["doi"] in package["url"]
    assert about["title"].split(" (")[0] in package["description"]
    assert {"AI4 trainable", "AI4 inference"} <= set(about["categories"])


def test_whatever_bandit_is_told_to_pass_over_has_a_reason():
    passed = []
    for file in sorted([*(ROOT / "mods").rglob("*.py"), *(ROOT / "docker").glob("*.py")]):
        if "tests" in file.relative_to(ROOT).parts:
            continue
        for number, line in enumerate(file.read_text().splitlines(), 1):
            if "# nosec" in line:
                passed.append(f"{file.relative_to(ROOT)}:{number}")
                assert re.search(r"# nosec B\d{3} # \w.{5,}", line), passed[-1]
    assert passed


def test_every_test_that_the_threat_model_names_exists():
    named = re.findall(r"`([\w/]+\.py)(?:::(\w+))?`", (ROOT / "docs/threat-model.md").read_text())
    assert len(named) > 30
    for file, test in named:
        text = (ROOT / "mods/tests" / file).read_text()
        assert not test or f"def {test}(" in text, f"{file}::{test}"
