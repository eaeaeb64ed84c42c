"""What sets clusters apart, beyond what chance would."""
