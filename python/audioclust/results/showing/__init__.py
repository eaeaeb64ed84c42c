"""A result to look at: as a layout, and as a page."""
