"""Rows of numbers into groups."""
