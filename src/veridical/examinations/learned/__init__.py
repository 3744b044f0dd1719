"""Questions answered by trained networks."""
