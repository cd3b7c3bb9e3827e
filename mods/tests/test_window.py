"""A window is a length and a slide, named as in the reference."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from mods.errors import UsageError
from mods.window import Window


@pytest.mark.parametrize(
    ("name", "length", "slide", "panes"),
    [
        ("w01h-s10m", 3600, 600, 6),
        ("w10m-s01m", 600, 60, 10),
        ("w10m-s10m", 600, 600, 1),
        ("w01d-s01h", 86_400, 3600, 24),
        ("w90s-s30s", 90, 30, 3),
        ("w10010m-s10010s", 600_600, 10_010, 60),
        ("w9999999s-s9999999s", 9_999_999, 9_999_999, 1),
    ],
)
def test_name_says_length_and_slide(name, length, slide, panes):
    window = Window.parse(name)
    assert (window.length, window.slide, window.panes) == (length, slide, panes)
    assert str(window) == name


def test_sixty_minutes_are_one_hour():
    assert Window.parse("w60m-s600s") == Window.parse("w1h-s10m")
    assert str(Window.parse("w60m-s600s")) == "w01h-s10m"


@pytest.mark.parametrize(
    "name", ["", "1h", "w1h", "w1h-10m", "w1x-s1m", "w1h-s10m.tsv", "w-1h-s1m", "w12345678s-s1s"]
)
def test_other_names_are_refused_with_an_example(name):
    with pytest.raises(UsageError, match=r"is no window.*as in w01h-s10m"):
        Window.parse(name)


@pytest.mark.parametrize("name", ["w01h-s07m", "w10m-s01h", "w00h-s00m", "w01h-s00m"])
def test_a_length_that_is_no_multiple_of_the_slide_is_refused(name):
    with pytest.raises(UsageError, match="multiple of the slide"):
        Window.parse(name)


@given(some.integers(1, 24), some.integers(1, 400_000))
def test_every_window_is_read_back_from_its_name(panes, slide):
    window = Window(panes * slide, slide)
    assert Window.parse(str(window)) == window


@given(some.text())
def test_any_text_is_a_window_or_our_error(text):
    try:
        Window.parse(text)
    except UsageError as error:
        assert "window_slide" in str(error)
