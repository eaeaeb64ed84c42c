"""Self-organizing maps of arrays."""
