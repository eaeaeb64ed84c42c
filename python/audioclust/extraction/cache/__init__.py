"""What was computed before, kept on disk, so that no file is analysed twice."""
