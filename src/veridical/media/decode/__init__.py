"""What runs in the decoder process only: one operation a module, each with a function ``read``."""
