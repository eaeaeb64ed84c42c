"""Results whose rows stay in parts on the workers of a cluster of machines."""
