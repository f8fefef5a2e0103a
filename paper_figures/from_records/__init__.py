"""Figures and tables drawn from records of runs."""
