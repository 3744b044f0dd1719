"""Bundles: one signed zip file with everything that somebody needs to do an examination again, and the check of it."""
