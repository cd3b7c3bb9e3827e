"""A series: its contract, gaps, splits, transforms, samples, baselines and metrics."""
