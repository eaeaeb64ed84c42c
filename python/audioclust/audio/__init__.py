"""Sounds: where they are, how they are decoded, prepared and written."""
