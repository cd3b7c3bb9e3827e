"""The page of `mods serve` with tokens, from the browser's question to a training watched.

MODS_SCREENSHOTS=DIR keeps pictures of what is seen.
"""

import pandas as pd
import pytest

from mods.tests.browser import clicking
from mods.tests.browser.clicking import body, executed, fill
from mods.tests.conftest import rhythm
from mods.tests.server.serving import ADMIN, READ

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
PATIENCE = 240  # seconds for a training to begin, on a machine that is busy
PREDICT, TRAIN = "/v2/models/mods/predict/", "/v2/models/mods/train/"
NET = {"model_type": "Conv1D", "sequence_len": "6", "blocks": "4", "epochs_patience": "100000"}


@pytest.fixture(scope="module")
def service(serve):
    service = serve("--workers", "1", MODS_TOKEN=READ, MODS_ADMIN_TOKEN=ADMIN)
    yield service
    service.cancel_all()


@pytest.fixture
def page(service, browser):
    """The page as who has the token to read gets it: the token is the password."""
    address = f"http://127.0.0.1:{service.port}/api"
    known = {"username": "anyone", "password": READ}
    with clicking.opened(browser, address, http_credentials=known) as page:
        yield page


def authorize(page, token):
    """Put a token in, by the button at the top."""
    page.locator("button.authorize").first.click()
    window = page.locator(".modal-ux")
    window.locator("input[type=text]").fill(token)
    clicking.seen(page, "served-authorize")
    window.locator("button.authorize").click()
    window.locator("button.btn-done").click()


def choose(form, name, value):
    form.locator(f"tr[data-param-name={name}] select").select_option(value)


def test_who_gives_no_token_is_asked_for_it_and_gets_no_page(service, browser):
    from playwright.sync_api import Error

    address = f"http://127.0.0.1:{service.port}"
    with (
        clicking.opened(browser, f"{address}/healthz/live") as page,
        pytest.raises(Error, match="AUTH_CREDENTIALS"),
    ):
        page.goto(f"{address}/api")


def test_reader_gets_forecasts_of_each_kind_and_an_upload(page, tmp_path):
    form = clicking.form(page, "post", PREDICT)
    fill(form, model_name="small")
    status, live = executed(form, "served-json")
    assert (status, body(live)["data"]["kind"]) == (200, "datapool")
    choose(form, "accept", "text/csv")
    status, live = executed(form, "served-csv")
    assert status == 200 and "origin,lead,feature,forecast" in live.inner_text()
    choose(form, "accept", "image/png")
    status, live = executed(form, "served-png")
    live.locator("img").wait_for()
    assert status == 200
    choose(form, "accept", "application/json")
    table = rhythm().rename(columns={"dns": "dns_in_distinct", "ssh": "ssh_in"}).iloc[-144:]
    table.index = (table.index + pd.Timedelta("1h")).rename("time")
    table.to_csv(tmp_path / "recent.csv")
    form.locator("tr[data-param-name=data] input[type=file]").set_input_files(
        tmp_path / "recent.csv"
    )
    status, live = executed(form, "served-upload")
    assert (status, body(live)["data"]["kind"]) == (200, "file")


def test_training_is_asked_for_watched_cancelled_and_resumed(page, service):
    asking = clicking.form(page, "post", TRAIN)
    fill(asking, model_name="week", num_epochs="100000", sequence_len="6", blocks="4")
    fill(asking, epochs_patience="100000")
    choose(asking, "model_type", "Conv1D")
    status, live = executed(asking, "served-train-refused")
    assert status == 403 and "role admin" in body(live)["fix"]
    authorize(page, ADMIN)
    status, live = executed(asking, "served-train")
    uuid = body(live)["uuid"]
    assert status == 200

    service.until(lambda: service.book.find(uuid).progress.seconds_left is not None, PATIENCE)
    watching = clicking.form(page, "get", f"{TRAIN}{{uuid}}")
    fill(watching, uuid=uuid)
    status, live = executed(watching, "served-watch")
    told = body(live)
    assert (status, told["state"]) == (200, "running")
    assert told["progress"]["epoch"] > 2 and told["progress"]["seconds_left"] > 0

    reading = clicking.form(page, "get", f"{TRAIN}{{uuid}}/log")
    fill(reading, uuid=uuid, lines="5")
    status, live = executed(reading, "served-log")
    assert status == 200 and any("training" in line for line in body(live)["lines"])

    ending = clicking.form(page, "delete", f"{TRAIN}{{uuid}}")
    fill(ending, uuid=uuid)
    status, live = executed(ending, "served-cancel")
    assert status == 200 and body(live)["state"] in ("cancelling", "cancelled")
    service.until(lambda: service.book.find(uuid).state == "cancelled")

    again = clicking.form(page, "post", f"{TRAIN}{{uuid}}/resume")
    fill(again, uuid=uuid)
    status, live = executed(again, "served-resume")
    assert status == 200 and body(live)["state"] in ("queued", "running")
    listing = clicking.form(page, "get", TRAIN)
    status, live = executed(listing, "served-list")
    assert [one["uuid"] for one in body(live)] == [uuid]
