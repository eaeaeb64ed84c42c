"""The onsets of one recording, and the hits that start there, in classes."""
