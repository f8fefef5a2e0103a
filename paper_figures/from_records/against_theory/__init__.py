"""Measurements beside what the theory says they must be, or cannot exceed."""
