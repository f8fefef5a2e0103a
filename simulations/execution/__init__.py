"""Seeded tasks over processes and clusters."""
