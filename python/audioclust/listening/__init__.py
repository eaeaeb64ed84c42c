"""Sounds to listen to: excerpts, clicks, players."""
