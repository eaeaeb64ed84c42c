"""Addresses of files that are elsewhere: which text is one, and what of it may be shown."""
