"""Questions about sound."""
