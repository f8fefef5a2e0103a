"""What an attack cannot remove from a difference of means (THEORY.md, section 3)."""
