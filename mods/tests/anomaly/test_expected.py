"""Expected periods: their grammar, their clock, their file."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from mods.anomaly.expected import Period, read
from mods.errors import InputError, UsageError

DAYS, QUARTER = 25 * 365, timedelta(minutes=15)


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def spans(text, first, last):
    found = Period.parse(text).spans(utc(first), utc(last))
    return [tuple(f"{moment:%d %H:%M}" for moment in span) for span in found]


def test_a_range_comes_once():
    assert spans("<2024-05-02T02:00,2024-05-02T04:30)", "2024-05-01", "2024-05-31") == [
        ("02 02:00", "02 04:30")
    ]


def test_days_of_the_week_come_again():
    assert spans("Sun,Wed 02:00-04:00", "2024-05-06", "2024-05-12") == [
        ("05 02:00", "05 04:00"),  # the day before may reach into the range
        ("08 02:00", "08 04:00"),
        ("12 02:00", "12 04:00"),
    ]
    assert len(spans("Fri-Mon 02:00-04:00", "2024-05-07", "2024-05-13")) == 5
    assert len(spans("daily 02:00-04:00", "2024-05-07", "2024-05-13")) == 8


def test_over_midnight_the_end_is_on_the_next_day():
    assert spans("Sat 22:00-02:00", "2024-05-10", "2024-05-13") == [("11 22:00", "12 02:00")]
    assert spans("Sat 00:00-24:00", "2024-05-10", "2024-05-13") == [("11 00:00", "12 00:00")]


def test_the_clock_of_the_zone_counts_in_summer_and_in_winter():
    text = "Sun 02:00-04:00 Europe/Bratislava"
    assert spans(text, "2024-01-07", "2024-01-08")[-1] == ("07 01:00", "07 03:00")
    assert spans(text, "2024-07-07", "2024-07-08")[-1] == ("07 00:00", "07 02:00")


def test_a_clock_put_forward_or_back_is_followed():
    zone = "Europe/Bratislava"
    forward, back = ("2024-03-31", "2024-03-31T12:00"), ("2024-10-27", "2024-10-27T12:00")
    assert spans(f"Sun 02:00-04:00 {zone}", *forward)[-1] == ("31 01:00", "31 02:00")
    assert spans(f"Sun 02:15-02:45 {zone}", *forward)[-1] == ("31 01:15", "31 01:45")
    assert spans(f"Sun 02:30-03:15 {zone}", *forward)[-1] == ("31 01:00", "31 01:15")
    assert spans(f"Sun 02:30-03:00 {zone}", *forward)[-1] == ("31 01:30", "31 02:00")
    assert spans(f"Sun 02:00-04:00 {zone}", *back)[-1] == ("27 00:00", "27 03:00")
    assert spans(f"Sun 02:15-02:45 {zone}", *back)[-1] == ("27 00:15", "27 01:45")


def changes(zone):
    """What the clock showed, to a quarter of an hour, when it was changed, since 2000."""
    clock, days = ZoneInfo(zone), [utc("2000-01-01") + timedelta(days=n) for n in range(DAYS)]
    for first, next_day in zip(days, days[1:], strict=False):
        if first.astimezone(clock).utcoffset() != next_day.astimezone(clock).utcoffset():
            quarters = [(first + n * QUARTER).astimezone(clock) for n in range(97)]
            at = [one.utcoffset() for one in quarters]
            change = next(n for n in range(96) if at[n] != at[n + 1])
            yield quarters[change].replace(tzinfo=UTC) + QUARTER


ZONES = (
    "Europe/Bratislava", "America/New_York", "America/Santiago", "Africa/Cairo", "Asia/Beirut",
    "Australia/Lord_Howe", "Antarctica/Troll", "Pacific/Apia", "Africa/Casablanca",
)  # fmt: skip
CLOCK_CHANGES = [(zone, shown) for zone in ZONES for shown in changes(zone)]


@given(some.sampled_from(CLOCK_CHANGES), some.integers(-8, 8), some.integers(1, 16))
@example(("Europe/Bratislava", utc("2024-03-31T02:00")), 2, 3)
def test_every_period_begins_before_it_ends(change, after, length):
    zone, shown = change
    begin = shown + after * QUARTER
    text = f"daily {begin:%H:%M}-{begin + length * QUARTER:%H:%M} {zone}"
    noon = datetime.combine(shown, time(12), UTC)
    found = list(Period.parse(text).spans(noon - timedelta(days=1), noon + timedelta(days=1)))
    assert found and all(first < last for first, last in found)


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("Someday 02:00-04:00", "is no day"),
        ("Sun 02:00-25:00", "is no time"),
        ("Sun 02:00-04:00 Mars/Olympus", "is no time zone"),
        ("Sun 02:00-04:00 ../../etc/passwd", "is no time zone"),
        ("when it suits", "is no period"),
        ("<2024-05-02,2024-05-01)", "reversed"),
        ("", "is no period"),
    ],
)
def test_what_is_no_period_is_told(text, advice):
    with pytest.raises(UsageError, match=advice):
        Period.parse(text)


@pytest.mark.parametrize("ending", [".toml", ".yaml"])
def test_a_file_lists_periods(tmp_path, ending):
    place = tmp_path / f"calendar{ending}"
    place.write_text(
        '[[expected]]\nwhen = "Sun 02:00-04:00"\nzone = "Europe/Bratislava"\n'
        'features = ["ssh_in"]\nnote = "backup"\n[[expected]]\nwhen = "<2024-05-01,2024-05-02)"\n'
        if ending == ".toml"
        else "expected:\n- {when: 'Sun 02:00-04:00', zone: Europe/Bratislava, features: [ssh_in],"
        " note: backup}\n- when: <2024-05-01,2024-05-02)\n"
    )
    backup, once = read(place)
    assert backup == Period("Sun 02:00-04:00", "Europe/Bratislava", ("ssh_in",), "backup")
    assert Period.of(backup.record()) == backup and Period.of(once.record()) == once


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("expected = 3", InputError),
        ("other = 3", InputError),
        ("[[expected]", InputError),
        ('[[expected]]\nzone = "UTC"', UsageError),
        ('[[expected]]\nwhen = "daily 02:00-04:00"\nfeatures = "ssh_in"', UsageError),
        ('[[expected]]\nwhen = "daily 02:00-04:00"\nfeature = ["ssh_in"]', UsageError),
        ('[[expected]]\nwhen = "<2024,2025)"\nzone = "UTC"', UsageError),
        ("[[expected]]\nwhen = 3", UsageError),
    ],
)
def test_a_file_of_something_else_is_refused(tmp_path, text, kind):
    place = tmp_path / "calendar.toml"
    place.write_text(text)
    with pytest.raises(kind):
        read(place)
    with pytest.raises(InputError, match="cannot be read"):
        read(tmp_path / "nowhere.toml")
