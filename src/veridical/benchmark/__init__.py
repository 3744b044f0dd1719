"""Measurements over labelled media: the instrument that every claim rests on."""
