"""Choosing a number of clusters."""
