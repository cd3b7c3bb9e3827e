"""Many series in one: columns `ENTITY|FEATURE`, the same features of several entities.

No feature that a query names holds a bar, so the last one in a name parts the two.
"""

from __future__ import annotations

BAR = "|"


def joined(entity: str, feature: str) -> str:
    """The column of a feature of an entity.

    >>> joined("10.0.1.0/24", "conn_in")
    '10.0.1.0/24|conn_in'
    """
    return f"{entity}{BAR}{feature}" if entity else feature


def parted(column: str) -> tuple[str, str]:
    """Entity ('' without one) and feature of a column.

    >>> parted("10.0.1.0/24|conn_in"), parted("conn_in")
    (('10.0.1.0/24', 'conn_in'), ('', 'conn_in'))
    """
    entity, _, feature = column.rpartition(BAR)
    return entity, feature


def names(columns: tuple[str, ...]) -> tuple[str, ...]:
    """The entities of columns, each once, in their order.

    >>> names(("a|x", "a|y", "b|x"))
    ('a', 'b')
    """
    return tuple(dict.fromkeys(parted(column)[0] for column in columns))


def kinds(columns: tuple[str, ...]) -> tuple[str, ...]:
    """The features of columns whosever they are, each once, in their order.

    >>> kinds(("a|x", "a|y", "b|x"))
    ('x', 'y')
    """
    return tuple(dict.fromkeys(parted(column)[1] for column in columns))
