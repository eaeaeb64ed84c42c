"""The result of clustering: labels, scores, exports, and ways to listen to it."""
