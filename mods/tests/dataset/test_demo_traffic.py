"""The demo traffic is what Zeek would write, has the rhythm it promises and the planted events."""

from __future__ import annotations

import gzip
import ipaddress
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mods.dataset import demo_traffic
from mods.dataset.demo_traffic import plan as plans
from mods.errors import UsageError

DAYS = 7
LOCAL = [ipaddress.ip_network(network) for network in ("10.20.0.0/16", "fd20:20:20::/48")]
OUTSIDE = [
    ipaddress.ip_network(network)
    for network in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
]
# As Zeek 6 writes them on a real sensor.
REAL_CONN = (
    "ts uid id.orig_h id.orig_p id.resp_h id.resp_p proto service duration orig_bytes resp_bytes "
    "conn_state local_orig local_resp missed_bytes history orig_pkts orig_ip_bytes resp_pkts "
    "resp_ip_bytes tunnel_parents"
)
REAL_CONN_TYPES = (
    "time string addr port addr port enum string interval count count string bool bool count "
    "string count count count count set[string]"
)
REAL_DNS = (
    "ts uid id.orig_h id.orig_p id.resp_h id.resp_p proto trans_id rtt query qclass qclass_name "
    "qtype qtype_name rcode rcode_name AA TC RD RA Z answers TTLs rejected"
)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo") / "logs"
    return folder, demo_traffic.write(folder, days=DAYS, seed=3)


def records(path: Path) -> list[dict[str, str]]:
    """The rows of a log, by plain Python."""
    lines = gzip.decompress(path.read_bytes()).decode().splitlines()
    names = next(line for line in lines if line.startswith("#fields")).split("\t")[1:]
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    assert all(len(row) == len(names) for row in rows)
    return [dict(zip(names, row, strict=True)) for row in rows]


def logs(folder: Path, log: str) -> list[dict[str, str]]:
    return [row for path in sorted(folder.glob(f"*/{log}.*.log.gz")) for row in records(path)]


def names(folder: Path) -> list[Path]:
    return sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())


def is_local(address: str) -> bool:
    return any(ipaddress.ip_address(address) in network for network in LOCAL)


def direction(row: dict[str, str]) -> str:
    inside = is_local(row["id.orig_h"]), is_local(row["id.resp_h"])
    return {(False, True): "in", (True, False): "out", (True, True): "internal"}[inside]


@pytest.fixture(scope="module")
def conn(site):
    return [
        (datetime.fromtimestamp(float(row["ts"]), UTC), direction(row), row)
        for row in logs(site[0], "conn")
    ]


def count(conn, way: str, start: datetime, end: datetime) -> int:
    return sum(start <= ts < end and there == way for ts, there, _ in conn)


def test_a_file_looks_as_zeek_rotates_it(site):
    folder, plan = site
    path = folder / "2024-03-01" / "conn.00:00:00-01:00:00.log.gz"
    lines = gzip.decompress(path.read_bytes()).decode().splitlines()
    assert lines[:6] == [
        "#separator \\x09",
        "#set_separator\t,",
        "#empty_field\t(empty)",
        "#unset_field\t-",
        "#path\tconn",
        "#open\t2024-03-01-00-00-00",
    ]
    assert lines[6].split("\t") == ["#fields", *REAL_CONN.split()]
    assert lines[7].split("\t") == ["#types", *REAL_CONN_TYPES.split()]
    assert lines[-1] == "#close\t2024-03-01-01-00-00"
    assert len(list(folder.glob("*/conn.*.log.gz"))) == plan.days * 24
    assert (folder / "2024-03-07" / "conn.23:00:00-00:00:00.log.gz").is_file()


def test_dns_has_the_fields_of_zeek(site):
    first = sorted(site[0].glob("*/dns.*"))[0]
    assert list(records(first)[0]) == REAL_DNS.split()


def test_every_log_is_there_in_all_directions(site):
    folder, _ = site
    seen = {log: {direction(row) for row in logs(folder, log)} for log in ("http", "ssl", "sip")}
    assert seen["sip"] == {"in", "out", "internal"}
    assert seen["http"] == {"in", "out", "internal"}
    assert seen["ssl"] == {"in", "out"}


def test_identifiers_agree_across_the_logs(site, conn):
    by_uid = {row["uid"]: row for _, _, row in conn}
    assert len(by_uid) == len(conn)
    for log in ("dns", "http", "ssl", "ssh", "sip"):
        rows = logs(site[0], log)
        assert rows
        for row in rows[:2000]:
            known = by_uid[row["uid"]]
            same = ("id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p")
            assert [row[name] for name in same] == [known[name] for name in same]
            assert float(row["ts"]) >= float(known["ts"])


def test_hosts_are_inside_or_reserved_for_documentation(conn):
    hosts = {row[side] for _, _, row in conn for side in ("id.orig_h", "id.resp_h")}
    for host in hosts:
        assert any(ipaddress.ip_address(host) in network for network in LOCAL + OUTSIDE), host
    assert any(":" in host for host in hosts)


def test_values_are_plausible(conn):
    for _, there, row in conn[:20_000]:
        assert row["local_orig"] == ("F" if there == "in" else "T")
        assert row["local_resp"] == ("F" if there == "out" else "T")
        if row["conn_state"] == "S0":
            assert (row["duration"], row["orig_bytes"], row["resp_bytes"]) == ("-", "-", "-")
        else:
            assert 0 < float(row["duration"]) <= 7200
            assert int(row["orig_ip_bytes"]) >= int(row["orig_bytes"])


def test_records_are_written_when_their_connection_is_over(site):
    path = site[0] / "2024-03-01" / "conn.09:00:00-10:00:00.log.gz"
    begin = datetime(2024, 3, 1, 9, tzinfo=UTC).timestamp()
    starts = [float(row["ts"]) for row in records(path)]
    assert starts != sorted(starts)
    assert min(starts) < begin
    assert max(starts) < begin + 3600


def test_outage_silences_the_uplink_while_the_sensor_lives(site, conn):
    outage = site[1].event("outage")
    assert outage.end - outage.start == timedelta(hours=2)
    two_hours_before = outage.start - timedelta(hours=2)
    assert count(conn, "in", outage.start, outage.end) == 0
    assert count(conn, "in", two_hours_before, outage.start) > 800
    during = count(conn, "out", outage.start, outage.end)
    assert 0 < during < 0.3 * count(conn, "out", two_hours_before, outage.start)
    assert count(conn, "internal", outage.start, outage.end) > 300
    states = {
        row["conn_state"]
        for ts, there, row in conn
        if outage.start <= ts < outage.end and there == "out"
    }
    assert states == {"S0"}


def test_in_the_outage_the_router_tells_the_clients_that_it_reaches_nobody(site, conn):
    outage = site[1].event("outage")
    said = [(ts, there, row) for ts, there, row in conn if row["id.orig_h"] == outage.host]
    assert all(outage.start <= ts <= outage.end for ts, _, _ in said)
    assert {(there, row["proto"], row["id.orig_p"]) for _, there, row in said} == {
        ("internal", "icmp", "3")
    }
    tried = [row["id.orig_h"] for ts, there, row in conn
             if there == "out" and outage.start <= ts < outage.end]  # fmt: skip
    assert Counter(row["id.resp_h"] for _, _, row in said) == Counter(
        host for host in tried if ":" not in host
    )


def test_scan_sweeps_the_site_from_one_host(site, conn):
    scan = site[1].event("scan")
    probes = [(ts, row) for ts, _, row in conn if row["id.orig_h"] == scan.host]
    assert scan.end - scan.start == timedelta(hours=1)
    assert all(scan.start <= ts < scan.end for ts, _ in probes)
    assert 5_000 < len(probes) < 7_000
    assert len({row["id.resp_h"] for _, row in probes}) > 4_000
    hour_before = count(conn, "in", scan.start - timedelta(hours=1), scan.start)
    assert count(conn, "in", scan.start, scan.end) > 4 * hour_before


def test_planted_events_lie_in_the_last_fifth_on_different_days():
    for days in (7, 8, 14, 30):
        for seed in range(5):
            plan = plans.draw(days, seed, datetime(2024, 3, 1, tzinfo=UTC))
            last_fifth = plan.start + (plan.end - plan.start) * 0.8
            outage, scan = plan.events
            assert last_fifth <= outage.start < outage.end < plan.end
            assert last_fifth <= scan.start < scan.end < plan.end
            assert outage.start.date() != scan.start.date()


def test_days_nights_weekends_and_six_hourly_jobs_are_visible(site, conn):
    hourly = Counter((ts.date(), ts.hour) for ts, there, _ in conn if there == "out")
    friday, saturday = datetime(2024, 3, 1).date(), datetime(2024, 3, 2).date()  # noqa: DTZ001
    at_work = {day: sum(hourly[day, hour] for hour in range(9, 17)) for day in (friday, saturday)}
    assert at_work[friday] > 1.4 * at_work[saturday]
    assert hourly[friday, 10] > 2.5 * hourly[friday, 4]
    for job, beside in ((0, 1), (6, 5)):
        assert hourly[friday, job] > 1.5 * hourly[friday, beside]


def test_same_seed_same_bytes_and_another_seed_others(site, tmp_path):
    folder, _ = site
    again = demo_traffic.write(tmp_path / "again", days=DAYS, seed=3)
    files = names(folder)
    assert names(tmp_path / "again") == files
    for name in files:
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes(), name
    assert again == site[1]
    assert plans.draw(DAYS, 4, again.start).events != again.events


def test_the_folder_says_that_it_is_synthetic_and_what_was_planted(site):
    folder, plan = site
    readme = (folder / "README").read_text()
    assert readme.startswith("SYNTHETIC")
    assert "Seed 3" in readme
    assert f"outage: {plan.event('outage').start:%Y-%m-%d %H:%M}" in readme
    told = json.loads((folder / "plan.json").read_text())
    assert told == plan.record()
    assert told["events"][1]["host"] == "203.0.113.66"


def test_a_folder_with_other_things_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(UsageError, match=r"holds something else.*Name an empty or new folder"):
        demo_traffic.write(tmp_path, days=DAYS)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_less_than_a_week_is_refused(tmp_path):
    with pytest.raises(UsageError, match="Give 7 or more"):
        demo_traffic.write(tmp_path / "demo", days=2)
    assert not list(tmp_path.iterdir())


def test_a_start_without_zone_is_refused(tmp_path):
    naive = datetime(2024, 3, 1)  # noqa: DTZ001
    with pytest.raises(UsageError, match="Give a datetime with a time zone"):
        demo_traffic.write(tmp_path / "demo", start=naive)
