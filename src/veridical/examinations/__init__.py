"""The questions: one module each, its path is its id."""
