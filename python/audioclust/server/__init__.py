"""A server on this computer alone, for a page whose sounds cannot be opened by links."""
