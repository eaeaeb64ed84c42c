"""Writers of playlists, which take a table of entries."""
