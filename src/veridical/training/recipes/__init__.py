"""How the networks that come with the program were trained, from labelled media to the shipped file; extra ``train``."""
