"""From bytes to typed streams, decoded in a process of its own; knows nothing of faces."""
