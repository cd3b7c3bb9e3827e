"""The catalogue: the reference's columns, letter by letter."""

from mods.features.catalog import REFERENCE


def test_columns_are_those_of_the_reference_in_their_order():
    assert REFERENCE.columns("conn") == tuple(
        f"{way}_{name}"
        for way in ("in", "out", "internal")
        for name in ("sum_orig_bytes", "sum_resp_bytes", "avg_duration", "count_uid")
    )
    assert REFERENCE.columns("dns")[:13] == (
        "in_count_uid", "in_distinct_query", "in_distinct_proto", "in_AA_false", "in_AA_true",
        "in_RA_false", "in_RA_true", "in_RD_false", "in_RD_true", "in_TC_false", "in_TC_true",
        "in_rejected_false", "in_rejected_true",
    )  # fmt: skip
    assert REFERENCE.columns("sip")[6:12] == (
        "out_count_uid", "out_distinct_`id.orig_h`", "out_distinct_`id.orig_p`",
        "out_distinct_`id.resp_h`", "out_distinct_`id.resp_p`", "out_distinct_user_agent",
    )  # fmt: skip
    for protocol in ("http", "ssl", "ssh"):
        assert REFERENCE.columns(protocol) == ("in", "out", "internal")


def test_only_the_columns_that_features_need_are_read():
    assert REFERENCE.needed("conn") == ("orig_bytes", "resp_bytes", "duration")
    assert REFERENCE.needed("ssh") == ()


def test_identity_is_the_same_in_every_process():
    assert REFERENCE.identity.startswith("reference-") and len(REFERENCE.identity) == 22
