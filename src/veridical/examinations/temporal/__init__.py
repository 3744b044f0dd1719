"""Questions about how a clip changes over time."""
