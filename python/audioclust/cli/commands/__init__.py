"""The commands: options in, a call of the public functions, tables and files out."""
