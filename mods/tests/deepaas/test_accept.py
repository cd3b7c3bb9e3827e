import pytest
from marshmallow import Schema, ValidationError

from mods.deepaas import accept


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        ("application/json", "application/json"),
        ("*/*", "application/json"),
        ("", "application/json"),
        ("TEXT/CSV", "text/csv"),
        ("application/csv", "application/csv"),
        ("image/*", "image/png"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/json"),
        ("text/html, image/png, */*;q=0.8", "application/json"),
        (
            "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/png,"
            "image/svg+xml,*/*;q=0.8",
            "application/json",
        ),
        ("text/html;q=0, image/png", "image/png"),
        ("text/csv;q=0.2, image/png;q=0.9", "image/png"),
        ("text/csv, application/json", "text/csv"),
        ("application/json;q=0, */*", "text/csv"),
        ("image/png;q=high, text/csv", "text/csv"),
        ("text/csv; charset=utf-8 ; q=0.5", "text/csv"),
    ],
)
def test_header_chooses_the_type_it_likes_best(header, chosen):
    assert accept.best(header) == chosen


@pytest.mark.parametrize("header", ["text/html", "image/jpeg", "*/*;q=0", "nonsense", "a/b,,;"])
def test_header_that_likes_nothing_we_have_gets_nothing(header):
    assert accept.best(header) is None


def test_refusal_names_what_there_is():
    schema = Schema.from_dict({"accept": accept.field()})()
    with pytest.raises(ValidationError, match="application/json, text/csv, application/csv"):
        schema.load({"accept": "text/html"})


def test_deepaas_finds_a_list_of_choices_to_append_to():
    field = accept.field()
    field.validate.choices.append("*/*")
    assert field.validate.choices[0] == "application/json"
    assert "*/*" not in accept.field().validate.choices
