"""The headless Chromium of the system, and real services for it."""

import importlib.util
import shutil

import pytest

from mods.tests.server.conftest import furnish, serve, start  # noqa: F401

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "chrome"))), None)


@pytest.fixture(scope="session")
def browser():
    if CHROMIUM is None:
        pytest.skip("there is no Chromium")
    if importlib.util.find_spec("playwright") is None:
        pytest.skip("needs the extra browser")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()
