"""Figures and tables drawn from theory alone."""
