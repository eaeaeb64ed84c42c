"""k-means and self-organizing maps as scikit-learn's estimators."""
