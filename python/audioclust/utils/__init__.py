"""Helpers that every package may use: checks of arguments, text, files, threads."""
