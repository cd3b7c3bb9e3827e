"""One declaration of a setting gives its check, its limits in words and its reading from text."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass

import pytest

from mods import settings
from mods.errors import SettingError, UsageError
from mods.settings import setting
from mods.window import Window


@dataclass(frozen=True)
class Oven:
    """What the tests bake in."""

    dish: str = setting(..., "What to bake.")
    degrees: int = setting(180, "How hot.", low=50, high=250)
    share: float = setting(0.5, "How full.", low=0.0)
    fan: bool = setting(False, "Blow.")
    kind: str = setting("gas", "What heats.", choices=lambda: ("gas", "current"))
    window: str | None = setting(None, "How long.", parse=Window.parse)
    racks: tuple[int, ...] = setting((), "Which racks.", low=1)
    names: tuple[str, ...] = setting((), "Who eats.", separator=",")

    def __post_init__(self) -> None:
        settings.check(self)


def test_defaults_hold_and_nothing_changes_afterwards():
    oven = Oven("bread")
    assert (oven.degrees, oven.fan, oven.window, oven.racks) == (180, False, None, ())
    with pytest.raises(FrozenInstanceError):
        oven.degrees = 200


def test_text_of_a_command_line_becomes_values():
    oven = Oven("bread", degrees="200", share="0.25", fan="true", racks="1;3", names="Ada, Grace")
    assert (oven.degrees, oven.share, oven.fan) == (200, 0.25, True)
    assert (oven.racks, oven.names) == ((1, 3), ("Ada", "Grace"))


def test_a_list_may_be_repeated_or_joined():
    assert Oven("bread", racks=["1;2", "3", ""]).racks == (1, 2, 3)
    assert Oven("bread", racks=(1, 2)).racks == (1, 2)


@pytest.mark.parametrize("degrees", [49, 251, "300", -1])
def test_outside_its_limits_is_refused_with_the_limits(degrees):
    with pytest.raises(SettingError, match=r"degrees: -?\d+ is out of range\. Give 50 to 250\."):
        Oven("bread", degrees=degrees)


@pytest.mark.parametrize("degrees", ["hot", 180.5, "180.5", True, float("nan"), float("inf"), [1]])
def test_what_is_no_whole_number_is_refused(degrees):
    with pytest.raises(SettingError, match="degrees: .* is (not a whole|no) number"):
        Oven("bread", degrees=degrees)


def test_a_whole_number_may_come_as_a_float():
    assert Oven("bread", degrees=200.0).degrees == 200


@pytest.mark.parametrize("share", [float("nan"), -0.1, "nan"])
def test_not_a_number_is_outside_any_limit(share):
    with pytest.raises(SettingError, match=r"out of range\. Give at least 0\.0"):
        Oven("bread", share=share)


@pytest.mark.parametrize(
    ("text", "truth"), [("True", True), ("no", False), ("0", False), (1, True)]
)
def test_truth_has_a_few_spellings(text, truth):
    assert Oven("bread", fan=text).fan is truth


def test_other_truths_are_refused():
    with pytest.raises(SettingError, match="'maybe' is neither true nor false"):
        Oven("bread", fan="maybe")


def test_a_choice_names_the_others():
    with pytest.raises(SettingError, match="'coal' is not known. Give one of gas, current"):
        Oven("bread", kind="coal")


def test_a_grammar_is_checked_where_it_is_declared():
    assert Oven("bread", window="w01h-s10m").window == "w01h-s10m"
    with pytest.raises(UsageError, match="is no window"):
        Oven("bread", window="an hour")


def test_empty_means_none_where_none_is_allowed_and_an_error_elsewhere():
    assert Oven("bread", window="").window is None
    with pytest.raises(SettingError, match="dish: no value given. It is: What to bake"):
        Oven("")


def test_text_is_wanted_where_text_is_declared():
    with pytest.raises(SettingError, match="7 is no text"):
        Oven(7)


def test_build_takes_what_the_class_declares_and_leaves_the_rest():
    assert settings.build(Oven, {"dish": "cake", "altitude": 3}).dish == "cake"


def test_build_names_the_option_that_is_missing():
    with pytest.raises(SettingError, match="dish: no value given. Give --dish"):
        settings.build(Oven, {"degrees": 100})


def test_unknown_names_are_refused_with_the_known_ones():
    settings.known(["dish", "fan"], Oven)
    with pytest.raises(SettingError, match="altitude: is no setting. Known are degrees, dish"):
        settings.known(["dish", "altitude"], Oven)


def test_the_declaration_can_be_read():
    by_name = {one.name: one for one in settings.settings(Oven)}
    assert [by_name["dish"].required, by_name["fan"].required] == [True, False]
    assert by_name["degrees"].limits == "50 to 250"
    assert by_name["share"].limits == "at least 0.0"
    assert by_name["kind"].limits == "one of gas, current"
    assert by_name["dish"].limits == ""
    assert (by_name["racks"].kind, by_name["racks"].many) == (int, True)
    assert (by_name["window"].kind, by_name["window"].optional) == (str, True)
