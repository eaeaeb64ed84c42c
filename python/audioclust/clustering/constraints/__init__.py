"""Clusters that obey what was said of some rows."""
