"""Percepts: what is seen once in an exhibit and shared by many examinations."""
