"""Which label each frame has: windows grouped, labels merged, boundaries made precise."""
