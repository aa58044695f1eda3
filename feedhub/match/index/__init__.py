"""Copies -> the pairs worth comparing, and the text that a source repeats."""
