"""Parts of a pool: folder names that are safe, whatever an entity is called."""

from hypothesis import given
from hypothesis import strategies as st

from mods.features.datapool import parts


@given(st.lists(st.text(min_size=1, max_size=200), unique=True, max_size=8))
def test_folders_are_safe_and_each_entity_has_its_own(names):
    folders = [parts.folder(one) for one in names]
    assert len(set(folders)) == len(names)
    for one in folders:
        assert "/" not in one and "\x00" not in one and not one.startswith(".") and len(one) < 200
