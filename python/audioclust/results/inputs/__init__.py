"""What results are made of."""
