"""Outer and inner curves of a setting, and measurements against them (sections 6 to 8, 11)."""
