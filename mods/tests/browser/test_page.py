"""The page of a real service, used as a person does, in the headless Chromium of the system.

MODS_SCREENSHOTS=DIR keeps pictures of what is seen.
"""

import pandas as pd
import pytest

from mods.tests.browser import clicking
from mods.tests.browser.clicking import body, executed, fill
from mods.tests.conftest import rhythm

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def service(start):
    return start()


@pytest.fixture
def form(service, browser):
    """The opened form of predict, ready to be filled in."""
    with clicking.opened(browser, f"http://127.0.0.1:{service.port}/api") as page:
        yield clicking.form(page, "post", "/v2/models/mods/predict/")


def test_nothing_but_a_name_gives_the_next_steps(form):
    fill(form, model_name="small")
    status, live = executed(form, "name")
    assert (status, body(live)["data"]["kind"]) == (200, "datapool")


def test_file_is_chosen_and_forecast_from(form, tmp_path):
    table = rhythm().rename(columns={"dns": "dns_in_distinct", "ssh": "ssh_in"}).iloc[-144:]
    table.index = (table.index + pd.Timedelta("1h")).rename("time")
    table.to_csv(tmp_path / "recent.csv")
    fill(form, model_name="small")
    chooser = form.locator("tr[data-param-name=data] input[type=file]")
    chooser.set_input_files(tmp_path / "recent.csv")
    status, live = executed(form, "file")
    assert (status, body(live)["data"]["kind"]) == (200, "file")


def test_values_are_typed_in(form):
    values = "[[3021, 1207, 182, 301], [3102, null, 190, 299]]"
    fill(form, model_name="small", values=values, last_time="2024-03-12T23:00:00Z")
    status, live = executed(form, "values")
    assert (status, body(live)["origins"]) == (200, ["2024-03-12T23:00:00Z"])


def test_range_and_quantiles_are_typed_in(form):
    fill(form, model_name="small", time_range="<2024-03-12T06:00,2024-03-12T07:00)")
    row = form.locator("tr[data-param-name=quantiles]")
    row.get_by_text("Add string item").click()
    row.locator("input[type=text]").first.fill("0.5")
    status, live = executed(form, "range")
    answer = body(live)
    assert (status, len(answer["origins"]), list(answer["quantiles"])) == (200, 6, ["0.5"])


def test_picture_is_shown_where_the_answer_is_to_be_one(form):
    fill(form, model_name="small")
    form.locator("tr[data-param-name=accept] select").select_option("image/png")
    status, live = executed(form, "picture")
    image = live.locator("img")
    image.wait_for()
    assert status == 200
    assert image.evaluate("one => one.decode().then(() => one.naturalWidth)") > 300


@pytest.mark.parametrize(
    ("fields", "status", "reason"),
    [
        ({"model_name": "nobody"}, 404, "Saved are small"),
        ({"model_name": "small", "time_range": "today"}, 422, "is no time range"),
        ({"model_name": "small", "values": "[1"}, 422, "are no JSON"),
    ],
)
def test_mistake_is_shown_with_its_reason(form, fields, status, reason):
    fill(form, **fields)
    shown, live = executed(form, f"mistake-{status}")
    assert shown == status
    assert reason in live.inner_text()


def test_number_out_of_its_range_is_marked_and_not_even_sent(form):
    fill(form, model_name="small", batch_size="0")
    form.locator("button.execute").click()
    form.locator("tr[data-param-name=batch_size] input.invalid").wait_for()
    assert form.locator(".live-responses-table").count() == 0
