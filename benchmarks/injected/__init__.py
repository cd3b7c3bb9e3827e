"""Labelled anomalies in a real month: what a trained detector finds of them at an alarm budget."""
