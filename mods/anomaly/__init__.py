"""Anomalies: how far reality is from the forecast, and when that is worth an alarm."""
