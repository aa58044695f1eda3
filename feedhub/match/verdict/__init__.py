"""Two prepared copies -> Match: one story or not, and why."""
