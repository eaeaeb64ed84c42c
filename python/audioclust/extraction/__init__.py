"""From recordings to a table of features."""
