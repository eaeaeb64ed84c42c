"""What keeps a result for later: files, names, corrections."""
