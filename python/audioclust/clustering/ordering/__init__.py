"""Rows of numbers in an order."""
