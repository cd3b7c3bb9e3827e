"""Trainings as jobs: each in a process of its own, with a record that outlives every process."""
