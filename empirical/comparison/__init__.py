"""Trained networks held against the theory."""
