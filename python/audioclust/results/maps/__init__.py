"""Where the sounds of a result lie: on the grid of a map, and on a plane."""
