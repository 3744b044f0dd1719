"""Pretrained networks: the catalogue, the files on this machine, and the only home of inference engines."""
