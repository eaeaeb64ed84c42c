"""Fingerprints of recordings, by which the same recording is known again."""
