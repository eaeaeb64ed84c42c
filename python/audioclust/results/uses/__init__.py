"""What people do with groups: explain, play, search and sort them."""
