"""Commands for what sounds and results are good for, beside groups."""
