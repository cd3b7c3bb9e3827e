import base64

import pytest

from mods.errors import ResourceError, UsageError
from mods.request import ServeRequest
from mods.serve import gate, tokens

READ, ADMIN = "r" * 32, "a" * 32


def basic(password):
    return "Basic " + base64.b64encode(f"anyone:{password}".encode()).decode()


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "tokens"
    path.write_text(f"# of the board\nread {READ}\n\nadmin {ADMIN}\nread {'s' * 32}\n")
    path.chmod(0o600)
    return path


@pytest.mark.parametrize(
    ("header", "role"),
    [
        (f"Bearer {READ}", "read"),
        (f"bearer  {ADMIN} ", "admin"),
        (f"Bearer {'s' * 32}", "read"),
        (basic(ADMIN), "admin"),
        (f"Bearer {READ[:-1]}", None),
        (READ, "read"),
        (READ[:-1], None),
        ("Bearer", None),
        ("", None),
        (basic(""), None),
        ("Basic \udcff", None),
    ],
)
def test_role_is_that_of_the_token(file, header, role):
    assert tokens.load(str(file)).role(header) == role


def test_tokens_of_the_environment_are_taken_out_of_it(monkeypatch):
    monkeypatch.setenv("MODS_TOKEN", READ)
    monkeypatch.setenv("MODS_ADMIN_TOKEN", ADMIN)
    known = tokens.load(None)
    assert known.role(f"Bearer {ADMIN}") == "admin"
    assert READ not in repr(known)
    assert not tokens.load(None)


def test_short_token_is_refused_unseen(monkeypatch):
    monkeypatch.setenv("MODS_TOKEN", "secret")
    with pytest.raises(UsageError, match="shorter than 32 bytes") as caught:
        tokens.load(None)
    assert "secret" not in caught.value.message


def test_file_that_others_may_read_is_refused(file):
    file.chmod(0o640)
    with pytest.raises(UsageError, match=r"mode 0640.*\n?") as caught:
        tokens.load(str(file))
    assert caught.value.fix == f"chmod 600 {file}"


@pytest.mark.parametrize("line", [READ, f"root {READ}", "read"])
def test_line_that_is_none_is_told_by_number_not_by_text(file, line):
    file.write_text(f"read {READ}\n{line}\n")
    with pytest.raises(UsageError, match="line 2 is neither") as caught:
        tokens.load(str(file))
    assert READ not in str(caught.value)


@pytest.mark.parametrize("text", ["", "# all of them are gone\n\n"])
def test_file_without_a_token_does_not_open_the_service(file, text):
    file.write_text(text)
    with pytest.raises(UsageError, match="holds no token"):
        tokens.load(str(file))


@pytest.mark.parametrize("name", ["MODS_TOKEN", "MODS_ADMIN_TOKEN"])
def test_empty_token_of_the_environment_does_not_open_the_service(monkeypatch, name):
    monkeypatch.setenv(name, "")
    with pytest.raises(UsageError, match="shorter than 32 bytes"):
        tokens.load(None)


def test_file_that_is_not_there_is_one_line(tmp_path):
    with pytest.raises(ResourceError, match="cannot be read"):
        tokens.load(str(tmp_path / "none"))


def test_other_addresses_than_loopback_take_a_token(file):
    wide = ServeRequest(host="0.0.0.0")  # noqa: S104
    with pytest.raises(UsageError, match="no token"):
        gate.check(wide, tokens.Tokens())
    gate.check(wide, tokens.load(str(file)))
    gate.check(ServeRequest(host="::1"), tokens.Tokens())
