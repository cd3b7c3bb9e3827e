"""Benchmarks: what mods costs beside other ways to the same result, on generated logs."""
