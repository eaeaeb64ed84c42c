"""The onsets of a recording, and the hits that start there, in clusters."""
