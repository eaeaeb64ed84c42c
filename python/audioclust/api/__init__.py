"""The public functions that put the stages together."""
