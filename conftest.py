"""What pytest leaves uncollected: modules of extras that are not installed have no doctests to run."""

from importlib.util import find_spec

collect_ignore = [] if find_spec("jax") else ["mods/models/network/fused_jax.py"]
