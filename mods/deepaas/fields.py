"""REST fields from the one declaration of settings: what is wrong is a 422 before any work."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import ValidationError, fields, missing, validate

from mods.deepaas import guard, shelf
from mods.errors import ModelNotFoundError, ModsError
from mods.settings import Setting, settings

DIGITS = re.compile(r"[+-]?[0-9]+")


class Whole(fields.Integer):
    """An integer that refuses 6.7 instead of cutting it to 6; text such as '6' is read.

    Not what Python would read besides: '5_0', digits of other scripts.
    """

    def _validated(self, value: Any) -> Any:
        if isinstance(value, str) and DIGITS.fullmatch(value.strip()) is None:
            raise self.make_error("invalid", input=value)
        number = super()._validated(value)
        if isinstance(value, float) and value != number:
            raise self.make_error("invalid", input=value)
        return number


class Item(fields.String):
    """One of a list, as text: JSON has numbers, too. What is neither, the setting's check refuses,
    so that every reason stands beside its field and not beside a place in the list.
    """

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        return str(value)


KINDS: dict[type, type[fields.Field]] = {
    bool: fields.Boolean,
    int: Whole,
    float: fields.Float,
    str: fields.String,
}


class Reads(validate.Validator):
    """A value is right if its setting can read it: the same check everywhere."""

    def __init__(self, one: Setting) -> None:
        self.one = one

    def __call__(self, value: Any) -> Any:
        """Raise ValidationError with the setting's own reason and advice."""
        try:
            self.one.read(value)
        except ModsError as error:
            raise ValidationError(_reason(error)) from None
        return value


class Known(validate.Validator):
    """A model of that name is saved now; asked anew for every request."""

    def __call__(self, value: str) -> str:
        """Raise the JSON 404, which names the known models."""
        try:
            shelf.find(value)
        except ModelNotFoundError as error:
            raise guard.answer(error) from None
        except ModsError:
            return value  # no name at all, which `Reads` has said
        return value


def declared(*classes: type) -> dict[str, fields.Field]:
    """One field for each setting of the classes that the REST service offers, in their order."""
    return {one.name: field(one) for cls in classes for one in settings(cls) if one.rest}


def field(one: Setting, *further: validate.Validator) -> fields.Field:
    """The field of a setting: its type, description with default and limits, and checks.

    What is not sent is not filled in (the setting knows its default): so it is known what was.
    """
    options: dict[str, Any] = {
        "metadata": _metadata(one),
        "validate": [Reads(one), *further],
        "error_messages": _messages(one),
    }
    if one.required:
        options["required"] = True
    else:
        options["metadata"]["doc_default"] = one.default
        options["allow_none"] = one.default is None
    if one.many:
        return fields.List(Item(allow_none=True), **options)
    return KINDS[one.kind](**options)


def sent(arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments without those that nobody sent, for which `deepaas-cli` puts a mark."""
    return {name: value for name, value in arguments.items() if value is not missing}


def model_name(cls: type, *further: validate.Validator) -> dict[str, fields.Field]:
    """The `model_name` field of a request class with further checks."""
    one = next(one for one in settings(cls) if one.name == "model_name")
    return {one.name: field(one, *further)}


def _metadata(one: Setting) -> dict[str, Any]:
    limits = f" Allowed: {one.limits}." if one.limits else ""
    metadata: dict[str, Any] = {"description": f"{one.help}{limits}"}
    if one.choices is not None:
        metadata["enum"] = list(one.choices())
    if one.low is not None:
        metadata["minimum"] = one.low
    if one.high is not None:
        metadata["maximum"] = one.high
    return metadata


def _messages(one: Setting) -> dict[str, str]:
    kind = {int: "a whole number", float: "a number", bool: "true or false"}.get(one.kind, "text")
    wanted = f"Not {kind}. Give {one.limits or kind}."
    return {"invalid": wanted, "special": wanted, "too_large": wanted, "null": "No value given."}


def _reason(error: ModsError) -> str:
    """The error without its place, which the name of the field already tells."""
    return str(type(error)(error.message, fix=error.fix))
