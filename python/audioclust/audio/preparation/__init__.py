"""The stage between decoding and framing."""
