"""Monitoring in the middle of the year: what a new table starts from, and a form beside its table."""
