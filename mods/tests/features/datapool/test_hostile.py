"""Pools that are broken or mean harm: each is named, the rest is read, no value is made up."""

import io
import struct
import zipfile
import zlib

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import mods
from mods.errors import DatapoolError, ModsError
from mods.features.datapool import archives, places

DAY = "2019/06/01"
QUERY = "ssh|in~ssh_in|out~ssh_out;dns|in~dns_in;conn|in~conn_in"


def rows(*cells, day=DAY, columns="in out"):
    lines = ["\t".join(["window_start", "window_end", *columns.split()])]
    begin = pd.Timestamp(day.replace("/", "-"), tz="UTC")
    for number, row in enumerate(cells):
        start = begin + pd.Timedelta(minutes=10 * number)
        stamps = [f"{t:%Y-%m-%dT%H:%M:%S.000Z}" for t in (start, start + pd.Timedelta(hours=1))]
        lines.append("\t".join([*stamps, *(cell or '""' for cell in row.split("|"))]))
    return "\n".join(lines) + "\n"


def name(protocol, day=DAY):
    return f"{protocol}/{day}/w01h-s10m.tsv"


def pack(path, members):
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, body in members.items():
            archive.writestr(member, body)
    return path


@pytest.fixture
def pool(tmp_path):
    """Two days: conn in a zip of its own, dns and ssh in a daily zip."""
    days = {day: rows(*(f"{n}|{n}" for n in range(3, 11)), day=day) for day in (DAY, "2019/06/02")}
    pack(tmp_path / "conn.zip", {name("conn", day): text for day, text in days.items()})
    for day, text in days.items():
        members = {name("ssh", day): text, name("dns", day): text}
        pack(tmp_path / f"{day.replace('/', '-')}.zip", members)
    return tmp_path


def test_the_pool_is_read_whole_when_nothing_is_wrong(pool):
    series = mods.Datapool(pool).select(QUERY)
    assert series.notna().all(axis=1).sum() == 16 and series["dns_in"].sum() == 2 * 52


def test_a_zip_that_cannot_be_opened_makes_missing_values_not_zeros(pool, caplog):
    path = pool / "2019-06-01.zip"
    path.write_bytes(path.read_bytes()[:200])
    series = mods.Datapool(pool).select(QUERY)
    first = series.loc[:"2019-06-01T03"]
    assert first[["ssh_in", "dns_in"]].isna().all(axis=None)
    assert first["conn_in"].tolist()[:8] == list(range(3, 11))
    assert series["ssh_in"].sum() == 52
    assert "2019-06-01.zip: cannot be read" in caplog.text


def test_a_zip_without_a_date_may_have_held_any_day(pool):
    pack(pool / "rest.zip", {name("sip"): rows("1|1")})
    (pool / "other.zip").write_bytes(b"PK nothing")
    series = mods.Datapool(pool).select("sip|in~sip_in;conn|in~conn_in")
    assert series["sip_in"].iloc[0] == 1 and series["sip_in"].iloc[1:8].tolist() == [0] * 7
    assert series["sip_in"].iloc[8:].isna().all()


def test_a_protocol_that_is_silent_for_a_day_is_still_zero(pool):
    pack(pool / "2019-06-01.zip", {name("ssh"): rows("1|1")})
    series = mods.Datapool(pool).select(QUERY)
    assert series["dns_in"].iloc[:8].tolist() == [0] * 8


def test_zips_below_the_top_folder_are_read(pool):
    wanted = mods.Datapool(pool).select(QUERY)
    below = pool / "2019" / "06"
    below.mkdir(parents=True)
    for path in sorted(pool.glob("2019-*.zip")):
        path.rename(below / path.name)
    pd.testing.assert_frame_equal(mods.Datapool(pool).select(QUERY), wanted)


def test_a_bomb_of_many_bytes_is_refused_by_its_ratio_and_the_rest_is_read(pool, caplog):
    pack(pool / "bomb.zip", {name("sip"): rows("1|1") + "\0" * 8_000_000})
    series = mods.Datapool(pool).select(QUERY)
    assert series["ssh_in"].sum() == 2 * 52
    assert "bomb.zip:sip/2019/06/01/w01h-s10m.tsv: unpacks from" in caplog.text
    assert f"over {archives.MAX_RATIO}:1" in caplog.text


def test_a_day_of_empty_cells_is_no_bomb(tmp_path):
    columns = " ".join(f"c{n}" for n in range(40))
    stamps = pd.date_range("2019-06-01", periods=5_000, freq="s").strftime("%Y-%m-%dT%H:%M:%S.000Z")
    lines = "".join(f"{at}\t{at}" + '\t""' * 40 + "\n" for at in stamps)
    path = pack(tmp_path / "a.zip", {name("dns"): f"window_start\twindow_end\t{columns}\n{lines}"})
    contents, broken = places.read(places.in_zip(path))
    assert len(contents) == 1 and not broken


def test_a_member_longer_than_it_says_is_an_error(tmp_path):
    path = pack(tmp_path / "a.zip", {name("ssh"): rows(*["1|1"] * 50)})
    content, size = path.read_bytes(), len(rows(*["1|1"] * 50))
    short = struct.pack("<I", size - 100)
    assert content.count(struct.pack("<I", size)) == 2
    path.write_bytes(content.replace(struct.pack("<I", size), short))
    with pytest.raises(DatapoolError, match="cannot be read"):
        mods.Datapool(path).select("ssh|in")


def test_zips_inside_zips_are_left_alone(pool):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr(name("sip"), rows("1|1"))
    pack(pool / "nested.zip", {"2019-06-01.zip": inner.getvalue()})
    assert mods.Datapool(pool).protocols == ("conn", "dns", "ssh")


@pytest.mark.parametrize(
    "member",
    [
        f"../{name('sip')}",
        f"/{name('sip')}",
        f"a/{name('sip')}",
        f"C:\\{name('sip')}",
        f"{name('sip')}\n",
        "sip/2019/06/31/w01h-s10m.tsv",
        "sip/2019/06/01/w01h-s07m.tsv",
    ],
)
def test_other_names_are_never_places(pool, member):
    pack(pool / "names.zip", {member: rows("1|1")})
    assert mods.Datapool(pool).protocols == ("conn", "dns", "ssh")


def test_an_encrypted_member_is_named_and_its_day_is_missing(pool, caplog):
    path = pool / "2019-06-01.zip"
    content = bytearray(path.read_bytes())
    # the flag that says encrypted, in the header of the member and in the directory
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + offset] |= 1
    path.write_bytes(content)
    series = mods.Datapool(pool).select(QUERY)
    assert series["ssh_in"].iloc[:8].isna().all() and series["dns_in"].iloc[:8].sum() == 52
    assert "encrypted" in caplog.text and "ssh/2019/06/01/w01h-s10m.tsv" in caplog.text


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_zip_with_a_name_twice_is_refused_and_the_rest_is_read(pool, caplog):
    path = pool / "2019-06-01.zip"
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name("ssh"), rows("9|9"))
    series = mods.Datapool(pool).select(QUERY)
    assert series[["ssh_in", "dns_in"]].iloc[:8].isna().all(axis=None)
    assert f"holds {name('ssh')} 2 times" in caplog.text


def test_a_member_that_calls_itself_otherwise_spoils_its_zip(pool, caplog):
    path = pool / "2019-06-01.zip"
    content = path.read_bytes()
    place = content.rindex(b"ssh/2019")
    path.write_bytes(content[:place] + b"sip/2019" + content[place + 8 :])
    series = mods.Datapool(pool).select(QUERY)
    assert series["ssh_in"].iloc[:8].isna().all()
    assert "differ" in caplog.text


def test_a_directory_that_hides_a_member_spoils_its_zip(pool, caplog):
    path = pool / "2019-06-01.zip"
    content = bytearray(path.read_bytes())
    first = content.index(b"PK\x01\x02")
    # the second member's entry becomes the comment of the first
    content[first + 32] = content.index(b"PK\x01\x02", first + 1) - first
    path.write_bytes(content)
    assert len(zipfile.ZipFile(path).namelist()) == 1
    series = mods.Datapool(pool).select(QUERY)
    assert series[["ssh_in", "dns_in"]].iloc[:8].isna().all(axis=None)
    assert "names 1 files, but counts 2" in caplog.text


def test_a_broken_sum_is_named_and_only_its_day_is_missing(pool, caplog):
    path = pool / "2019-06-01.zip"
    crc = struct.pack("<I", zlib.crc32(rows(*(f"{n}|{n}" for n in range(3, 11))).encode()))
    content = bytearray(path.read_bytes())
    content[content.rindex(crc)] ^= 1
    path.write_bytes(content)
    series = mods.Datapool(pool).select(QUERY)
    assert series["dns_in"].iloc[:8].isna().all() and series["ssh_in"].sum() == 2 * 52
    assert "Bad CRC-32" in caplog.text


def flips(path, tmp_path, count, seed=0):
    """Let random bytes of a zip be others; each time a value is the true one or missing."""
    query = "ssh|in~ssh_in|out~ssh_out;conn|in~conn_in"
    truth = mods.Datapool(tmp_path).select(query)
    sound, rng, refused = path.read_bytes(), np.random.default_rng(seed), 0
    for _ in range(count):
        damaged = bytearray(sound)
        for place in rng.integers(len(sound), size=rng.choice([1, 1, 1, 2, 8])):
            damaged[place] ^= rng.integers(1, 256)
        path.write_bytes(damaged[: rng.integers(len(sound))] if rng.random() < 0.1 else damaged)
        try:
            seen = mods.Datapool(tmp_path).select(query)
        except DatapoolError:
            refused += 1
            continue
        seen = seen.reindex(truth.index)
        assert (seen.isna() | (seen == truth)).all(axis=None), damaged.hex()
    return refused


@pytest.mark.parametrize("which", ["2019-06-01.zip", "conn.zip"])
def test_flipped_bytes_never_become_a_wrong_value(pool, which):
    flips(pool / which, pool, 150)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_ten_thousand_flips_never_become_a_wrong_value(pool, caplog):
    caplog.set_level("ERROR", "mods")
    for seed, which in enumerate(["2019-06-01.zip", "conn.zip"]):
        flips(pool / which, pool, 5_000, seed)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(content=st.binary(max_size=400), suffix=st.sampled_from(["tsv", "parquet"]))
def test_a_file_of_any_bytes_is_named_or_read(tmp_path, content, suffix):
    path = tmp_path / f"ssh/{DAY}/w01h-s10m.{suffix}"
    path.parent.mkdir(parents=True, exist_ok=True)
    header = b"window_start\twindow_end\tin\n2019-06-01T00:00:00.000Z\t"
    for body in (content, header + content, b"PAR1" + content + b"PAR1"):
        path.write_bytes(body)
        try:
            mods.Datapool(tmp_path).select("ssh|in")
        except ModsError as error:
            assert "\n" not in str(error)
