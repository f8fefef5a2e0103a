"""Data sets, ours and the user's own."""
