"""Vectors that functions or models of the user's compute of recordings."""
