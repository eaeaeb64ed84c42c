"""One recording into spans that sound alike."""
