"""Layouts of rows: a point in the plane for each."""
