"""States of one log share their head; the later ones begin with the earlier ones."""

import gzip

import pytest

from mods.dataset import identity, succession
from mods.errors import LogError

TOP = b"#separator \\x09\n#path\tconn\n#open\t2024-04-19-00-00-00\n#fields\tts\n#types\ttime\n"
LINES = b"".join(b"%d.5\n" % i for i in range(300_000))


def put(place, name, content):
    path = place / name
    path.write_bytes(gzip.compress(content, 1) if name.endswith(".gz") else content)
    return path


def test_a_log_begins_with_what_it_was_before(tmp_path):
    whole = put(tmp_path, "conn.log.gz", TOP + LINES + b"#close\n")
    for part in (TOP + LINES[:8], TOP + LINES[:1000], TOP + LINES[:-3], TOP + LINES):
        state = put(tmp_path, "current.log", part)
        assert succession.begins(whole, identity.of(state))
        assert succession.head(state) == succession.head(whole) != ""
    assert len(LINES) > 1 << 20


def test_another_log_and_another_beginning_are_told_apart(tmp_path):
    whole = put(tmp_path, "conn.log", TOP + LINES)
    late = bytearray(TOP + LINES[:-10])
    late[-2:] = b"x\n"
    for other in (bytes(late), b"x" + TOP, TOP + LINES + b"1.5\n"):
        assert not succession.begins(whole, identity.of(put(tmp_path, "other.log", other)))
    next_one = put(tmp_path, "next.log", TOP.replace(b"19-00", b"19-01") + LINES)
    assert succession.head(next_one) != succession.head(whole)


def test_a_log_without_a_whole_record_has_no_head(tmp_path):
    for content in (b"", TOP, TOP + b"17"):
        assert succession.head(put(tmp_path, "conn.log", content)) == ""


def test_a_byte_order_mark_hides_no_beginning(tmp_path):
    mark = b"\xef\xbb\xbf"
    one = put(tmp_path, "one.log", mark + TOP + LINES)
    other = put(tmp_path, "other.log", mark + TOP.replace(b"19-00", b"19-01") + LINES)
    assert succession.head(one) != succession.head(other)


def test_damage_is_said(tmp_path):
    path = put(tmp_path, "conn.log.gz", TOP + LINES)
    path.write_bytes(path.read_bytes()[:15])
    with pytest.raises(LogError, match="is cut short"):
        succession.head(path)
