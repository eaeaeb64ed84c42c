"""Writers of files: each takes a table and a path."""
