"""Texts of a log as typed values: whole microseconds, whole numbers, flags, texts."""

from __future__ import annotations

from typing import Any

import ibis
from ibis.expr import datatypes as dt

from mods.dataset import schema
from mods.dataset.json_lines import FORM
from mods.dataset.zeek import Header

MICROSECONDS = 1_000_000
LATEST = 9_223_372_036  # seconds: the year 2262, where 64 bits of nanoseconds end
MILLISECONDS = 1e11  # a time from here on is given in milliseconds, as JSON::TS_MILLIS writes it
LARGEST = 2**53  # Zeek writes nearly 2^64 for a length it lost; beyond 2^53 float64 is not exact
DAY, CLOCK = r"[0-9]{4}-[0-9]{2}-[0-9]{2}", r"[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?"
ISO = f"^{DAY}[T ]{CLOCK}(Z|[+-][0-9]{{2}}:?[0-9]{{2}})?$"
MANY = ("set[", "vector[", "table[")


builtin: Any = ibis.udf.scalar.builtin


@builtin()  # type: ignore[untyped-decorator]
def json_valid(text: str) -> bool:  # type: ignore[empty-body]
    """Whether a text is JSON."""


@builtin(name="json_extract_string")  # type: ignore[untyped-decorator]
def json_strings(text: str, places: list[str]) -> list[str]:  # type: ignore[empty-body]
    """What stands in the places (JSON pointers), as text."""


@builtin(name="json_extract_string")  # type: ignore[untyped-decorator]
def json_items(text: str, place: str) -> list[str]:  # type: ignore[empty-body]
    """What stands in all places of a path such as `$[*]`, as text."""


@builtin(name="epoch_us", signature=((dt.Timestamp("UTC"),), dt.int64))
def epoch_microseconds(stamp):  # type: ignore
    """A time as microseconds since the epoch."""


def given(text: Any, head: Header) -> Any:
    """The text, NULL where the log says that it is unset."""
    return text if head.form == FORM else text.nullif(head.unset)


def number(text: Any, head: Header, declared: str) -> Any:
    """The text as the engine reads a number of it (NULL where it does not); other kinds as text.

    A step of its own: within one expression engines would read each text several times.
    """
    is_json, kind = head.form == FORM, schema.kind(declared)
    if kind in ("string", "boolean") or (declared == "time" and is_json):
        return text
    whole = kind == "int64" and not is_json and declared not in ("time", "interval")
    return text.try_cast(kind if whole or kind != "int64" else "float64")


def typed(read: Any, head: Header, declared: str) -> Any:
    """The value of what `number` has read, NULL where it does not fit its type."""
    is_json, kind = head.form == FORM, schema.kind(declared)
    if kind == "string":
        many = is_json and declared.startswith(MANY)
        return (_joined(read) if many else read) if is_json else _text(read, head)
    if kind == "boolean":
        yes, no = ("true", "false") if is_json else ("T", "F")
        return ibis.cases((read == yes, True), (read == no, False))
    if declared == "time":
        return _moment(read) if is_json else _microseconds(read, earliest=0)
    if declared == "interval":
        return _microseconds(read, earliest=-LATEST)
    near = _within(read, -LARGEST, LARGEST)
    if kind != "int64":  # sums of doubles are kept as decimals, which end, and know no infinity
        return near
    whole = (near == near.floor()).ifelse(near, ibis.null("float64")) if is_json else near
    return whole.cast(kind)


def checked(declared: str) -> bool:
    """Whether a text that does not fit the type is counted: not of texts, which are what they are,
    nor of times, without which there is no record.
    """
    return schema.kind(declared) != "string" and declared != "time"


def _text(given: Any, head: Header) -> Any:
    return (given == head.empty).ifelse("", given)


def _joined(given: Any) -> Any:
    """A JSON list as Zeek's TSV writes a set: `a,b`, and an empty one as empty."""
    is_list = json_valid(given) & given.startswith("[")
    return is_list.ifelse(json_items(is_list.ifelse(given, "[]"), "$[*]").join(","), given)


def _moment(given: Any) -> Any:
    """A time in seconds or milliseconds since the epoch, or as ISO 8601 (UTC unless it says)."""
    number = _number(given)
    seconds = (number >= MILLISECONDS).ifelse(number / 1000, number)
    stamp = given.re_search(ISO).ifelse(given, ibis.null("string")).try_cast(dt.Timestamp("UTC"))
    since = _within(epoch_microseconds(stamp), 0, LATEST * MICROSECONDS)
    return _microseconds(seconds, earliest=0).coalesce(since)


def _number(given: Any) -> Any:
    return given.try_cast("float64")


def _microseconds(seconds: Any, *, earliest: int) -> Any:
    return (_within(seconds, earliest, LATEST) * MICROSECONDS).round().cast("int64")


def _within(value: Any, low: int, high: int) -> Any:
    """The value where it lies between the bounds, else NULL; not-a-number lies nowhere."""
    return value.between(low, high).ifelse(value, ibis.null(value.type()))
