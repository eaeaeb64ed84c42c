"""Files put into a folder for each cluster, so that it can be undone."""
