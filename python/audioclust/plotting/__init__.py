"""Pictures of arrays and tables, by matplotlib, which is imported only to draw."""
