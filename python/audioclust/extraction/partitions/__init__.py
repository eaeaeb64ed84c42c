"""Tables of a part of the recordings: cut, kept, and put together again."""
