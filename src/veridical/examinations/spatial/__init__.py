"""Questions about the pixels of a still image."""
