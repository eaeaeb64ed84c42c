"""Settings, items and tables as plain values and arrays, for files that are read again."""
