"""What commands work on: files that are chosen, and tables of features."""
