"""The Numenta Anomaly Benchmark: mods beside chance and simple baselines."""
