"""What pytest leaves uncollected: modules of extras that are not installed."""

from importlib.util import find_spec

collect_ignore = [] if find_spec("jax") else ["mods/models/network/fused_jax.py"]
