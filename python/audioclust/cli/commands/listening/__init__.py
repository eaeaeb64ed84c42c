"""The commands that let sounds be heard."""
