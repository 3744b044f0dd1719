"""Questions about what a file says of itself and how it is built."""
