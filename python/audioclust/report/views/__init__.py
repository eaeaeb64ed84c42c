"""What pages show beside the map, as JSON values made of arrays and files, not of results."""
