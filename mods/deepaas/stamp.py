"""The time stamp that a training over REST appends to the name of its model."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from marshmallow import ValidationError, validate

from mods import paths
from mods.errors import UsageError
from mods.request import Request
from mods.settings import setting


@dataclass(frozen=True)
class Stamp(Request):
    """Whether the name of a new model gets a time stamp."""

    model_name_timestamp: bool = setting(
        True, "Append the UTC time to the name, so that no model is replaced."
    )


def stamped(name: str, now: datetime) -> str:
    """The name with the moment, to the millisecond.

    >>> stamped("conn", datetime(2019, 6, 1, 9, 30, 5, 7000, tzinfo=UTC))
    'conn-20190601T093005.007Z'
    """
    return f"{name}-{now.astimezone(UTC):%Y%m%dT%H%M%S}.{now.microsecond // 1000:03d}Z"


class Stampable(validate.Validator):
    """The name leaves room for the stamp."""

    def __call__(self, value: str) -> str:
        """Raise ValidationError for a name that the stamp would make too long."""
        try:
            paths.model(value)
        except UsageError:
            return value  # no name at all, which its setting has said
        room = stamped("", datetime.fromtimestamp(0, UTC))
        try:
            paths.model(value + room)
        except UsageError:
            raise ValidationError(
                f"Too long: {len(room)} of the 100 characters belong to the time stamp."
            ) from None
        return value
