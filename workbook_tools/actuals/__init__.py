"""Actual values out of monthly statistics."""
