"""Descriptors: what sounds are like, in units that people know, for words and sorting only."""
