"""Pages to look at and listen to: one HTML file each, without a network."""
