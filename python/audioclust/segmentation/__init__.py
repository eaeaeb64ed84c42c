"""Dividing recordings into labelled spans: who speaks when, where music begins."""
