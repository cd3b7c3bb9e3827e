"""The `accept` header: which kind of answer the client likes best."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate

from mods.errors import UsageError

JSON = "application/json"
CSV = ("text/csv", "application/csv")
PNG = "image/png"
PICTURES, PAGE = "image/*", "text/html"
OFFERED = (JSON, *CSV, PNG)


class Accept(fields.String):
    """One of the offered types, chosen from a header as browsers and programs send it."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        try:
            return chosen(super()._deserialize(value, *args, **kwargs))
        except UsageError as error:
            raise ValidationError(str(UsageError(error.message, fix=error.fix))) from None


def field() -> Accept:
    """The field as DEEPaaS wants it: it appends to `validate.choices` and takes the first."""
    return Accept(
        load_default=JSON,
        validate=validate.OneOf(list(OFFERED)),
        metadata={
            "description": f"Kind of the answer: one of {', '.join(OFFERED)}.",
            "location": "headers",
        },
    )


def chosen(header: str) -> str:
    """The offered type that a header likes best; raises UsageError where it likes none."""
    kind = best(header)
    if kind is None:
        fix = f"Give one of {', '.join(OFFERED)}"
        raise UsageError(f"nothing here is of the kind {header!r}", where="accept", fix=fix)
    return kind


def best(header: str, offered: tuple[str, ...] = OFFERED) -> str | None:
    """The offered type that a header likes best, None if it likes none.

    Whoever asks for pages, too, is a browser, which names pictures only to show them inside pages:
    it gets what it would without them.

    >>> best("text/html, application/xhtml+xml, */*;q=0.8"), best("Image/PNG"), best("text/*")
    ('application/json', 'image/png', 'text/csv')
    >>> best("text/html") is None
    True
    """
    ranges = [_range(part) for part in (header.strip() or "*/*").lower().split(",")]
    if any(name == PAGE and weight for name, weight in ranges):
        ranges = [(name, weight) for name, weight in ranges if name not in (PNG, PICTURES)]
    liked = [(_liking(offer, ranges), offer) for offer in offered]
    weight, kind = max(liked, key=lambda pair: pair[0])
    return kind if weight[0] > 0 else None


def _range(part: str) -> tuple[str, float]:
    """A media range and its q-value; 0 where that is none."""
    name, *parameters = (piece.strip() for piece in part.split(";"))
    weight = next((text[2:] for text in parameters if text.startswith("q=")), "1")
    try:
        return name, min(max(float(weight), 0.0), 1.0)
    except ValueError:
        return name, 0.0


def _liking(offer: str, ranges: list[tuple[str, float]]) -> tuple[float, int, int]:
    """The q-value by the most specific range, that specificity, and how early it stands."""
    matches = ("*/*", f"{offer.partition('/')[0]}/*", offer)
    found = [
        (matches.index(name), -place, weight)
        for place, (name, weight) in enumerate(ranges)
        if name in matches
    ]
    specificity, place, weight = max(found, default=(0, 0, 0.0))
    return weight, specificity, place
