"""Which of the files that a search finds are used."""
