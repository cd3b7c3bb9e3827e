"""The key of a file's content: the same for every copy, another for every other content."""

import gzip
import zlib

import pyarrow as pa
import pytest

from mods.dataset import content, identity
from mods.errors import LogError

TEXT = b"#path\tconn\n" + b"".join(b"%d.5\t10.0.0.1\t8.8.8.8\n" % i for i in range(90_000))


def put(place, name, content):
    path = place / name
    if name.endswith(".zst"):
        with pa.output_stream(str(path), compression="zstd") as stream:
            stream.write(content)
    else:
        path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return path


def test_copies_share_a_key_whatever_their_name_and_packing(tmp_path):
    names = ("conn.log", "renamed.txt", "conn.log.gz", "other.log.zst")
    keys = {identity.of(put(tmp_path, name, TEXT)) for name in names}
    halves = tmp_path / "halves.log.gz"
    halves.write_bytes(gzip.compress(TEXT[:999]) + gzip.compress(TEXT[999:], 1))
    assert keys == {identity.of(halves)}
    assert len(TEXT) > content.START
    assert keys.pop().endswith(f"-{len(TEXT):x}-{zlib.crc32(TEXT):08x}")


def test_other_content_has_another_key(tmp_path):
    late = bytearray(TEXT)
    late[-5] ^= 1
    contents = (TEXT, TEXT + b"x", TEXT[:-1], bytes(late), b"x" + TEXT[1:], b"", b"\n")
    keys = {identity.of(put(tmp_path, "conn.log.gz", content)) for content in contents}
    assert len(keys) == len(contents)


@pytest.mark.parametrize("name", ["conn.log.gz", "conn.log.zst"])
def test_damage_is_noticed_wherever_it_is(tmp_path, name):
    whole = put(tmp_path, name, TEXT).read_bytes()
    path = tmp_path / name
    for cut in (1, 7, 20, len(whole) // 2, len(whole) - 9):
        path.write_bytes(whole[:-cut])
        with pytest.raises(LogError, match="is cut short"):
            identity.of(path)
    path.write_bytes(b"this is packed in no way")
    with pytest.raises(LogError, match="is no whole (gzip|zstd) file"):
        identity.of(path)


def test_a_wrong_checksum_is_noticed(tmp_path):
    path = put(tmp_path, "conn.log.gz", TEXT)
    whole = path.read_bytes()
    path.write_bytes(whole[:-8] + b"\x01\x02\x03\x04" + whole[-4:])
    with pytest.raises(LogError, match=r"is damaged: its checksum is wrong.*--skip_broken"):
        identity.of(path)


def test_a_missing_file_says_so(tmp_path):
    with pytest.raises(LogError, match=r"conn\.log: cannot be read \(No such file"):
        identity.of(tmp_path / "conn.log")
