"""What leaves each window, told by the panes of a pool: against counting the records themselves."""

import numpy as np
import pandas as pd
import pytest

from mods.features.datapool import Datapool
from mods.flows.prepare import prepare
from mods.flows.storage import storage
from mods.query import Query
from mods.request import PrepareRequest, StorageRequest
from mods.series import leaving
from mods.tests.flows.test_prepare import DAY, IN, INNER, OUT, put, text

LOCAL = ("10.0.0.0/8", "fc00::/7")
QUERY = (
    "conn|in_count_uid~conn_in|out_sum_orig_bytes~sent|in_sum_orig_bytes~sent_kb|in_avg_duration~d;"
    "dns|out_distinct_query~names|out_RD_true~asked;ssh|internal~never"
)
WINDOW = "w01h-s10m"
HOURS = 8


def records(seed=0):
    """(minute, way, bytes) of connections, (minute, name) of queries; nothing in the fourth hour"""
    rng = np.random.default_rng(seed)
    times = np.sort(rng.uniform(0, HOURS * 60 - 0.1, 900))
    times = times[(times < 180) | (times > 245)]
    conn = [(m, (IN, OUT, INNER)[i % 3], int(rng.integers(1, 9999))) for i, m in enumerate(times)]
    dns = [(m, f"q{int(rng.integers(0, 60))}.org") for m in times[::2]]
    return conn, dns


@pytest.fixture
def logs(tmp_path):
    """The records as logs of an hour each."""
    conn, dns = records()
    for hour in range(HOURS):
        mine = [row for row in conn if row[0] // 60 == hour]
        rows = [(m, f"{way}\t0.5\t{size}\t1") for m, way, size in mine]
        put(tmp_path / "logs", f"conn.{hour:02d}.log", text("conn", rows))
        asked = [(m, f"{OUT}\tudp\t{name}\tF\tF\tT\tT\tF") for m, name in dns if m // 60 == hour]
        put(tmp_path / "logs", f"dns.{hour:02d}.log", text("dns", asked))
    put(tmp_path / "logs", "ssh.log", text("ssh", [(30, IN)]))
    return tmp_path / "logs"


def prepared(logs, **settings):
    given = {"window_slide": WINDOW, "local_networks": LOCAL, **settings}
    return prepare(PrepareRequest(str(logs), str(logs.parent / "pool"), **given)).output


def gone(end, slides):
    """What of the hour before `end` (minutes) is in none of its last 6 - slides panes."""
    conn, dns = records()
    old = [row for row in conn if end - 60 <= row[0] < end - 60 + 10 * slides]
    held = {name for m, name in dns if end - 60 <= m < end}
    staying = {name for m, name in dns if end - 60 + 10 * slides <= m < end}
    asked = [row for row in dns if end - 60 <= row[0] < end - 60 + 10 * slides]
    return {
        "conn_in": sum(way == IN for _, way, _ in old),
        "sent": sum(size for _, way, size in old if way == OUT),
        "sent_kb": sum(size for _, way, size in old if way == IN) / 1024,
        "names": len(held - staying),
        "asked": len(asked),
        "never": 0,
    }


def expected(series):
    ends = (series.index - pd.Timestamp(DAY, unit="s", tz="UTC")) / pd.Timedelta("1min")
    return pd.DataFrame(
        [
            {leaving.name(k, s): v for s in range(1, 7) for k, v in gone(int(end), s).items()}
            for end in ends
        ],
        series.index,
    )


def test_what_leaves_is_what_the_records_of_the_oldest_panes_alone_count(logs):
    series = Datapool(prepared(logs)).select(QUERY, leaving=9)
    wanted = expected(series)
    alive = series["conn_in"].notna().to_numpy()
    assert 0 < (~alive).sum() < 10, "the silent hour is missing"
    for name in wanted:
        np.testing.assert_allclose(series[name][alive], wanted[name][alive], err_msg=name)
        assert series[name][~alive].isna().all(), "what leaves a window that is missing is unknown"
    assert not any(name.startswith("d leaving") for name in series), "an average has no panes"
    assert series.attrs["query"].startswith("conn|"), "what is known of the series stays"


def test_of_a_stretch_it_is_what_it_is_of_the_whole_and_outside_it_is_not_told(logs):
    pool = Datapool(prepared(logs))
    whole, plain = pool.select(QUERY, leaving=4), pool.select(QUERY)
    first, last = whole.index[9], whole.index[-7]
    part = pool.beside(plain, pool.chosen(Query.parse(QUERY)), 4, (first, last))
    pd.testing.assert_frame_equal(part.loc[first:last], whole.loc[first:last])
    told = part[[name for name in part if name not in plain]]
    outside = (told.index < first) | (told.index > last)
    assert told[outside].isna().all(axis=None) and outside.sum() == 15


def test_panes_that_came_hour_by_hour_tell_the_same(logs):
    whole = Datapool(prepared(logs)).select(QUERY, leaving=5)
    late = logs.parent / "late" / "logs"
    late.mkdir(parents=True)
    for path in sorted(logs.iterdir(), reverse=True):
        (late / path.name).write_bytes(path.read_bytes())
        pool = prepared(late)
    pd.testing.assert_frame_equal(Datapool(pool).select(QUERY, leaving=5), whole)


def test_a_pool_without_panes_tells_nothing_and_one_without_old_ones_nothing_old(logs):
    pool = prepared(logs, no_panes=True)
    assert not leaving.there(Datapool(pool).select(QUERY, leaving=3))
    put(logs, "later.log", text("conn", [(26 * 60 + m, f"{IN}\t0.5\t1\t1") for m in range(300)]))
    pool = prepared(logs, rebuild=True)
    assert leaving.features(Datapool(pool).select(QUERY, leaving=3)).shape[1] == 7
    storage(StorageRequest(data=str(pool), keep_panes="1d"))
    series = Datapool(pool).select(QUERY, leaving=3)
    day = pd.Timestamp("2023-11-16T01:00Z")
    known = series["conn_in leaving 1"].notna()
    assert not known[series.index < day].any() and known[series.index >= day].sum() > 20


def test_each_entity_has_panes_of_its_own(logs):
    pool = Datapool(prepared(logs, by="subnet:24"))
    whole = pool.select("conn|in_count_uid~n", leaving=2)
    parts = [pool.entity(name).select("conn|in_count_uid~n", leaving=2) for name in pool.entities]
    summed = sum(part["n leaving 2"].fillna(0.0) for part in parts)
    np.testing.assert_allclose(summed, whole["n leaving 2"].fillna(0.0))
