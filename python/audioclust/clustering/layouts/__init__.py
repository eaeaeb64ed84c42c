"""Rows as points of a plane, neighbours beside each other."""
