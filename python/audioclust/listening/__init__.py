"""Hearing what is in a cluster: excerpts, clicks, players."""
