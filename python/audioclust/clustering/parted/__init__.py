"""Rows that are not all in one place: clustering reads them part by part."""
