"""Pictures of arrays and tables. Matplotlib is imported when the first one is drawn."""
