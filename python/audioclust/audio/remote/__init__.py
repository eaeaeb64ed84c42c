"""Recordings that are elsewhere: found by their addresses, and read from there."""
