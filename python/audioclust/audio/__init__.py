"""Sounds: how they are found, decoded, prepared and written."""
