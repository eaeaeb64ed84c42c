"""The file of the cache: made, read, written."""
