"""Bounds that every classifier obeys (THEORY.md, sections 4 to 7)."""
