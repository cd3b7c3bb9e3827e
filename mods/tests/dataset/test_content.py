"""One pass over a file: how often its header stands there, and how it ends."""

import pytest

from mods.dataset import content

HEAD = b"#separator \\x09\n#path\tconn\n#fields\tts\n#types\ttime\n"
CLOSE = b"#close\t2024-04-19-01-00-00\n"


def scan(tmp_path, data):
    path = tmp_path / "conn.log"
    path.write_bytes(data)
    return content.scan(path)


def test_headers_are_counted_wherever_blocks_end(tmp_path, monkeypatch):
    data = b"#fields\tts\n" + HEAD + b"1.5\n" * 3 + HEAD + b"x#fields\n" + CLOSE
    for size in range(1, 40):
        monkeypatch.setattr("mods.dataset.packing.BLOCK", size)
        content._scan.cache_clear()
        found = scan(tmp_path, data)
        assert (found.headers, found.ended, found.closed) == (3, True, True)


@pytest.mark.parametrize(
    ("data", "ended", "closed"),
    [
        (HEAD + b"1.5\n" + CLOSE, True, True),
        (HEAD + b"1.5\r\n#close\t2024\r\n", True, True),
        (HEAD + b"1.5\n", True, False),
        (HEAD + b"1.5", False, False),
        (HEAD + CLOSE[:-1], False, True),
        (HEAD + CLOSE + b"1.5\n", True, False),
        (b"", True, False),
    ],
)
def test_the_end_is_seen(tmp_path, data, ended, closed):
    found = scan(tmp_path, data)
    assert (found.ended, found.closed) == (ended, closed)


def test_a_file_that_changed_is_read_again(tmp_path):
    first = scan(tmp_path, HEAD + b"1.5\n")
    assert scan(tmp_path, HEAD + b"1.5\n2.5\n").key != first.key


def test_a_byte_that_is_no_ascii_is_seen_wherever_it_stands(tmp_path, monkeypatch):
    monkeypatch.setattr("mods.dataset.packing.BLOCK", 8)
    assert scan(tmp_path, HEAD + b"1.5\n" + CLOSE).ascii
    for position in (0, 7, 8, len(HEAD)):
        data = HEAD[:position] + b"\xe9" + HEAD[position:]
        assert not scan(tmp_path, data).ascii
