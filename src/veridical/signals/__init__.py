"""Arithmetic on pixels that several examinations share: blocks, block transforms, recompression."""
