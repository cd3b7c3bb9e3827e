"""What a person does on the page of a service: open a form, fill it in, execute, read."""

import contextlib
import json
import os
from pathlib import Path

PATIENCE = 30_000  # milliseconds


@contextlib.contextmanager
def opened(browser, address, **more):
    """The page of a service."""
    page = browser.new_page(viewport={"width": 1300, "height": 1000}, **more)
    page.set_default_timeout(PATIENCE)
    try:
        page.goto(address)
        yield page
    finally:
        page.close()


def form(page, method, path):
    """The opened form of a method of a path, ready to be filled in."""
    block = page.locator(f".opblock-{method}").filter(
        has=page.locator(f".opblock-summary-path[data-path='{path}']")
    )
    block.locator(".opblock-summary").click()
    block.get_by_text("Try it out").click()
    return block


def fill(form, **fields):
    """Type text into fields."""
    for name, value in fields.items():
        form.locator(f"tr[data-param-name={name}] input[type=text]").first.fill(value)


def executed(form, picture):
    """Status and body of the answer that the page shows."""
    if form.locator("button.btn-clear").count():
        form.locator("button.btn-clear").click()
    form.locator("button.execute").click()
    live = form.locator(".live-responses-table")
    status = live.locator("tbody .response-col_status").first.inner_text()
    seen(form.page, picture)
    return int(status.split()[0]), live


def seen(page, picture):
    """Keep a picture of the page where MODS_SCREENSHOTS says."""
    if folder := os.environ.get("MODS_SCREENSHOTS"):
        page.screenshot(path=Path(folder, f"{picture}.png"), full_page=True)


def text(live):
    """The body of the answer as it is shown."""
    return live.locator(".response-col_description .highlight-code code").inner_text()


def body(live):
    """The JSON of the answer."""
    return json.loads(text(live))
