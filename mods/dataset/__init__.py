"""Datasets: Zeek logs found, read and written as records."""
