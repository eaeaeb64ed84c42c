"""What clustering gives."""
