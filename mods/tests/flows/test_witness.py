"""Who is behind a feature is told in the feature's own measure, from logs written by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mods.features.behind import Asked
from mods.features.catalog import REFERENCE, Feature
from mods.features.entities import By
from mods.flows.witness import Question, hear

NOON = datetime(2024, 3, 5, 12, tzinfo=UTC)
LOCAL = (("10.0.0.0/8",), None)
CONN = ("ts:time", "id.orig_h:addr", "id.orig_p:port", "id.resp_h:addr", "id.resp_p:port",
        "proto:enum", "service:string", "duration:interval", "orig_bytes:count",
        "resp_bytes:count", "conn_state:string")  # fmt: skip
DNS = ("ts:time", "id.orig_h:addr", "id.resp_h:addr", "query:string", "rcode_name:string",
       "proto:enum", "AA:bool", "TC:bool", "RD:bool", "RA:bool", "rejected:bool")  # fmt: skip
KNOWN = {
    (row.protocol, row.label(way)): (row, way) for row in REFERENCE.rows for way in row.directions
}


def write(
    folder: Path,
    log: str,
    fields: tuple[str, ...],
    day: int,
    rows: list[str],
    later: timedelta = timedelta(0),
) -> None:
    """A log of the hour from noon on, or later, so many days before; rows lack their ts."""
    at = NOON - timedelta(days=day) + later
    after = at + timedelta(hours=1)
    named = [field.rsplit(":", 1) for field in fields]
    heads = "\t".join(name for name, _ in named), "\t".join(kind for _, kind in named)
    lines = [f"{(at + timedelta(minutes=1 + n)).timestamp():.6f}\t" + "\t".join(row.split())
             for n, row in enumerate(rows)]  # fmt: skip
    path = folder / f"{at:%Y-%m-%d}" / f"{log}.{at:%H:%M:%S}-{after:%H:%M:%S}.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f"#separator \\x09\n#unset_field\t-\n#path\t{log}\n"
        f"#fields\t{heads[0]}\n#types\t{heads[1]}\n"
        + "".join(f"{line}\n" for line in lines)
        + "#close\t2024\n"
    )


def conn(who: str, port: int = 80, seconds: float = 1.0, sent: int = 100, state: str = "SF") -> str:
    return f"{who} 40000 10.0.0.1 {port} tcp - {seconds} {sent} 0 {state}"


def dns(who: str, query: str) -> str:
    return f"{who} 10.0.0.53 {query} NOERROR udp F F T F F"


def spans(days: int) -> list[tuple[float, float]]:
    begins = [NOON - timedelta(days=day) for day in range(days + 1)]
    return [(one.timestamp(), (one + timedelta(hours=1)).timestamp()) for one in begins]


def question(protocol: str, column: str, sign: int = 1) -> Question:
    return Question(Asked(*KNOWN[protocol, column]), sign)


def rows(heard, dimension):
    ranked = next(one for one in heard.ranked if one.dimension == dimension)
    return {row.key: row for row in ranked.rows}, ranked


@pytest.fixture
def logs(tmp_path):
    """Two quiet days of three connections, and a day on which 6.6.6.6 came eight times."""
    quiet = [conn("8.8.8.8"), conn("8.8.4.4", seconds=3), conn("8.8.4.4", seconds=3)]
    for day in (1, 2):
        write(tmp_path, "conn", CONN, day, quiet)
        write(tmp_path, "dns", DNS, day, [dns("10.0.0.7", "a.example.org")])
    burst = [conn("6.6.6.6", port, 0.5, 1000, "S0") for port in range(1, 9)]
    write(tmp_path, "conn", CONN, 0, [*quiet, *burst])
    names = [dns("10.0.0.9", f"x{n}.evil.example") for n in range(4)]
    shared = [dns("10.0.0.7", "x0.evil.example"), dns("10.0.0.7", "a.example.org")]
    write(tmp_path, "dns", DNS, 0, [*names, *shared])
    return tmp_path


def test_of_a_count_each_host_adds_its_records(logs):
    told = hear(logs, {"in": question("conn", "in_count_uid")}, spans(2), [1, 2], LOCAL)
    hosts, ranked = rows(told.heard["in"], "originator")
    assert (ranked.now, ranked.usual, ranked.excess) == (11, 3, 8)
    assert list(hosts) == ["6.6.6.6"]
    assert (hosts["6.6.6.6"].now, hosts["6.6.6.6"].usual, hosts["6.6.6.6"].share) == (8, 0, 1)
    networks, _ = rows(told.heard["in"], "network")
    assert networks["6.6.6.0/24"].excess == 8
    ports, _ = rows(told.heard["in"], "port")
    assert ports["1/tcp"].share == 1 / 8
    assert told.heard["in"].days == (1, 2) and told.files == 3


def test_of_a_sum_its_bytes_and_of_a_mean_what_it_moves_it_by(logs):
    asked = {
        "bytes": question("conn", "in_sum_orig_bytes"),
        "duration": question("conn", "in_avg_duration", -1),
    }
    told = hear(logs, asked, spans(2), [1, 2], LOCAL)
    hosts, ranked = rows(told.heard["bytes"], "originator")
    assert (ranked.excess, hosts["6.6.6.6"].excess) == (8000, 8000)
    hosts, ranked = rows(told.heard["duration"], "originator")
    assert ranked.now == pytest.approx((7 + 8 * 0.5) / 11)
    assert ranked.usual == pytest.approx(7 / 3)
    expected = (8 * 0.5 - 8 * 7 / 3) / 11
    assert hosts["6.6.6.6"].excess == pytest.approx(expected)
    assert (hosts["6.6.6.6"].now, hosts["6.6.6.6"].weight) == (pytest.approx(0.5), 8)


def test_of_distinct_names_each_is_shared_by_those_who_asked_for_it(logs):
    told = hear(
        logs, {"names": question("dns", "internal_distinct_query")}, spans(2), [1, 2], LOCAL
    )
    hosts, ranked = rows(told.heard["names"], "originator")
    assert (ranked.now, ranked.usual) == (5, 1)
    assert {name: row.now for name, row in hosts.items()} == {"10.0.0.9": 3.5, "10.0.0.7": 1.5}
    domains, _ = rows(told.heard["names"], "domain")
    assert domains["evil.example"].excess == 4


def test_a_condition_a_ratio_and_an_extreme_of_the_user_are_asked_as_they_are_computed(logs):
    failed = Feature("conn", "failed", "count", where="conn_state == 'S0'")
    rate = Feature("conn", "failed_rate", "ratio", over=("failed", "count_uid"))
    largest = Feature("conn", "max_orig_bytes", "max", "orig_bytes")
    count = Feature("conn", "count_uid", "count")
    asked = {
        "failed": Question(Asked(failed, "in"), 1),
        "rate": Question(Asked(rate, "in", parts=(failed, count)), 1),
        "largest": Question(Asked(largest, "in"), 1),
    }
    told = hear(logs, asked, spans(2), [1, 2], LOCAL)
    assert rows(told.heard["failed"], "originator")[0]["6.6.6.6"].excess == 8
    hosts, ranked = rows(told.heard["rate"], "originator")
    assert (ranked.now, ranked.usual) == (pytest.approx(8 / 11), 0)
    assert hosts["6.6.6.6"].share == pytest.approx(1)
    assert rows(told.heard["largest"], "originator")[0]["6.6.6.6"].now == 8  # above the usual 100


def test_those_who_fell_silent_are_ranked_and_who_came_meanwhile_is_told(tmp_path):
    for day in (1, 2, 3):
        quiet = [*[conn("8.8.8.8")] * 9, conn("8.8.4.4")]
        write(tmp_path, "conn", CONN, day, quiet)
    inside = [f"10.0.0.254 3 10.0.0.{n} 1 icmp - - - - OTH" for n in range(1, 31)]
    write(tmp_path, "conn", CONN, 0, [conn("8.8.4.4"), *inside])
    told = hear(tmp_path, {"in": question("conn", "in_count_uid", -1)}, spans(3), [1, 2, 3], LOCAL)
    hosts, ranked = rows(told.heard["in"], "originator")
    assert (ranked.now, ranked.usual) == (1, 10)
    assert (hosts["8.8.8.8"].excess, hosts["8.8.8.8"].share) == (-9, 1)
    assert told.heard["in"].meanwhile.rows[0].key == "10.0.0.254"


def test_files_outside_the_hours_are_not_opened_and_lines_that_are_no_records_counted(logs):
    bad = logs / "2024-03-04" / "conn.03:00:00-04:00:00.log"
    bad.write_bytes(b"#fields, and then nothing that could be read")
    today = logs / "2024-03-05" / "conn.12:00:00-13:00:00.log"
    today.write_text(today.read_text().replace("#close", "short line\n#close"))
    told = hear(logs, {"in": question("conn", "in_count_uid")}, spans(2), [1, 2], LOCAL)
    assert bad not in told.opened and told.skipped == ()
    assert today in told.opened
    assert told.rejected == {"too few fields": 1}


def test_days_without_logs_are_no_days_without_traffic(logs):
    told = hear(logs, {"in": question("conn", "in_count_uid")}, spans(5), [1, 2, 3, 4, 5], LOCAL)
    assert told.heard["in"].days == (1, 2)


def test_without_an_earlier_day_all_there_is_counts_and_nothing_was_usual(logs):
    asked = {name: question("conn", name) for name in ("in_count_uid", "in_avg_duration")}
    told = hear(logs, asked, spans(2), [], LOCAL)
    count, duration = (rows(told.heard[name], "originator")[1] for name in asked)
    assert (count.now, count.usual, count.before) == (11, 0, 0)
    assert (duration.now, duration.usual) == (pytest.approx(1), 0)


def test_only_the_feature_s_own_window_counts(logs):
    """Its records are those of the first four minutes of the hours."""
    asked = Asked(*KNOWN["conn", "in_count_uid"], within=(0.0, 300.0))
    told = hear(logs, {"in": Question(asked, 1)}, spans(2), [1, 2], LOCAL)
    assert rows(told.heard["in"], "originator")[1].now == 4


def test_of_an_entity_only_its_own_records_count(logs):
    whose = By.parse("subnet:24")
    asked = {
        name: Question(Asked(*KNOWN["conn", "in_count_uid"], entity=name), 1)
        for name in ("10.0.0.0/24", "10.0.9.0/24")
    }
    told = hear(logs, asked, spans(2), [1, 2], (("10.0.0.0/8",), whose))
    assert rows(told.heard["10.0.0.0/24"], "originator")[1].now == 11
    assert told.heard["10.0.9.0/24"].ranked == ()
